#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "core/limits.h"
#include "core/utf8.h"

namespace instapay {
namespace {

using Kind = Json::Kind;

Json parsed(std::string_view text) {
  auto json = parse_json(text);
  EXPECT_TRUE(json) << text << ": " << (json ? "" : json.error().detail);
  return json ? std::move(*json) : Json{};
}

TEST(ParseJson, KeepsTheExactTextOfNumbers) {
  for (const auto* number :
       {"0", "-0", "0.10", "12.30", "-5", "1e3", "1E+3", "1.5e-3", "0.30000000000000000000001",
        "123456789012345678901234567890", "9007199254740993", "-9223372036854775809",
        "18446744073709551616", "100000000000000000000.5", "1e308", "0e0"}) {
    const Json json = parsed(number);
    EXPECT_EQ(json.kind, Kind::number) << number;
    EXPECT_EQ(json.text, number);
    const Json list = parsed("[" + std::string(number) + " , " + number + "\n]");
    ASSERT_EQ(list.items.size(), 2U) << number;
    EXPECT_EQ(list.items[0].text, number);
    EXPECT_EQ(list.items[1].text, number);
  }
}

TEST(ParseJson, BuildsTheTree) {
  const Json json =
      parsed(R"( {"a": [1, {"b": null}, [], {}, "x"], "c": true, "d": false, "": "empty name"} )");
  ASSERT_EQ(json.kind, Kind::object);
  ASSERT_EQ(json.members.size(), 4U);
  const Json* a = json.find("a");
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->items.size(), 5U);
  EXPECT_EQ(a->items[0].text, "1");
  EXPECT_EQ(a->items[1].find("b")->kind, Kind::null);
  EXPECT_EQ(a->items[2].kind, Kind::array);
  EXPECT_EQ(a->items[3].kind, Kind::object);
  EXPECT_EQ(a->items[4].text, "x");
  EXPECT_TRUE(json.find("c")->boolean);
  EXPECT_FALSE(json.find("d")->boolean);
  EXPECT_EQ(json.find("")->text, "empty name");
  EXPECT_EQ(json.find("b"), nullptr);
}

TEST(ParseJson, DecodesEscapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u00e9\u20ac\ud83d\ude00")").text, "é€😀");
  EXPECT_EQ(parsed(R"("a\u0000b")").text, std::string("a\0b", 3));
  EXPECT_EQ(parsed(R"({"\u0061":1})").find("a")->text, "1");
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const std::string& text : {std::string(),
                                  std::string(" "),
                                  std::string("{"),
                                  std::string("[1,]"),
                                  std::string("{\"a\":1,}"),
                                  std::string("{a:1}"),
                                  std::string("{'a':1}"),
                                  std::string("nul"),
                                  std::string("True"),
                                  std::string("NaN"),
                                  std::string("Infinity"),
                                  std::string("-"),
                                  std::string("+1"),
                                  std::string("01"),
                                  std::string("1."),
                                  std::string(".5"),
                                  std::string("1e"),
                                  std::string("0x1"),
                                  std::string("\"a"),
                                  std::string("\"\n\""),
                                  std::string("\"\\x\""),
                                  std::string("\"\\u12\""),
                                  std::string("\"\\ud800\""),
                                  std::string("\"\\ude00\\ud83d\""),
                                  std::string("\"\xff\""),
                                  std::string("\"\xc0\xaf\""),
                                  std::string("\"\xed\xa0\x80\""),
                                  std::string("{}{}"),
                                  std::string("{} x"),
                                  std::string("[1] // comment"),
                                  std::string("/**/1"),
                                  std::string("\xef\xbb\xbf{}"),
                                  std::string("{}\0", 3),
                                  std::string("{\"a\":1,\"a\":2}"),
                                  std::string("{\"a\":1,\"\\u0061\":2}"),
                                  std::string("{\"\":1,\"\":2}"),
                                  std::string("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]")}) {
    const auto json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, Code::invalid_json) << text;
    EXPECT_FALSE(json.error().detail.empty()) << text;
  }
  EXPECT_EQ(parse_json("{\"a\":1,\"a\":2}").error().detail, "The key \"a\" appears twice.");
}

TEST(ParseJson, IsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(kJsonDepthMax)));
  EXPECT_FALSE(parse_json(nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(parse_json(nested(100'000)));
  EXPECT_FALSE(parse_json("{\"" + std::string(2'000, 'k') + "\":1}"));
  std::string many = "[0";
  for (int i = 0; i < 10'000; ++i) many += ",0";
  EXPECT_FALSE(parse_json(many + "]"));
}

// Documents of about `bytes` that make a parser work for its living.
std::vector<std::string> hard_documents(std::size_t bytes) {
  const auto repeat = [&](const std::string& open, std::string_view close, const auto& item) {
    std::string text = open;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += (i == 0 ? "" : ",") + item(i);
    return text + std::string(close);
  };
  std::string full_object = "{";
  for (std::size_t i = 0; i < kJsonMembersMax; ++i)
    full_object += (i == 0 ? "\"" : ",\"") + std::string(kJsonNameMax_bytes - 2, 'k') +
                   std::to_string(10 + i) + "\":0";
  full_object += "}";
  return {
      repeat("{", "}", [](std::size_t i) { return fmt::format("\"{}\":0", i); }),
      repeat("{\"a\":[", "]}",
             [](std::size_t) { return std::string("{\"a\":0,\"b\":0,\"c\":0,\"d\":0}"); }),
      repeat("[", "]", [&](std::size_t) { return full_object; }),
      repeat("[", "]", [](std::size_t) { return std::string("[[[]]]"); }),
      repeat("[\"", "\"]", [](std::size_t) { return std::string("\\u0001"); }),
      "{\"" + std::string(bytes, 'k') + "\":0}",
  };
}

TEST(ParseJson, TwiceTheTextIsTwiceTheWork) {
  for (const std::size_t bytes : {std::size_t{8'000}, std::size_t{60'000}, std::size_t{250'000}}) {
    const auto once = hard_documents(bytes), twice = hard_documents(2 * bytes);
    for (std::size_t i = 0; i < once.size(); ++i) {
      JsonWork work, double_work;
      (void)parse_json(once[i], &work);
      (void)parse_json(twice[i], &double_work);
      // Proportional, and by a small factor: a name has six bytes at least with what is around it.
      EXPECT_LE(double_work.name_comparisons,
                2 * work.name_comparisons + kJsonMembersMax * kJsonMembersMax)
          << i;
      EXPECT_LE(work.name_comparisons, kJsonMembersMax * once[i].size() / 6) << i;
    }
  }
}

TEST(ParseJson, ObjectsHaveFewMembersWithShortNames) {
  const auto object_of = [](std::size_t members) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i) text += fmt::format("{}\"{}\":0", i ? "," : "", i);
    return text + "}";
  };
  EXPECT_TRUE(parse_json(object_of(kJsonMembersMax)));
  const auto refused = parse_json(object_of(kJsonMembersMax + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_json);
  EXPECT_TRUE(refused.error().detail.contains("more than 32 members")) << refused.error().detail;
  EXPECT_TRUE(parse_json("{\"" + std::string(kJsonNameMax_bytes, 'k') + "\":0}"));
  EXPECT_FALSE(parse_json("{\"" + std::string(kJsonNameMax_bytes + 1, 'k') + "\":0}"));
}

TEST(JsonWriter, WritesUtf8WhateverItIsGiven) {
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"\xff", "\"\xef\xbf\xbd\""},
           {"a\xc3(b", "\"a\xef\xbf\xbd(b\""},
           {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
           {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
           {"é€😀", "\"é€😀\""},
           {"é\"€\n", "\"é\\\"€\\n\""},
       }) {
    std::string out;
    JsonWriter(out).value(text);
    EXPECT_EQ(out, expected);
    EXPECT_TRUE(is_valid_utf8(out));
  }
}

TEST(JsonWriter, PutsCommasAndEscapes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("a", 1).key("b").begin_array();
  json.value("x").value(std::int64_t{-5}).value(true).null().begin_object().end_object();
  json.begin_array().end_array().end_array();
  json.key("c").amount(123'456, {"EGP", 2}).key("d").time(0).field("e", Uuid::reserved(1));
  json.key("f").raw("{\"g\":0}").field("h", std::uint64_t{18446744073709551615U});
  json.field("i", "\"\\\n\r\t\x01\x1f é/").end_object();
  EXPECT_EQ(out,
            R"({"a":1,"b":["x",-5,true,null,{},[]],"c":1234.56,"d":"1970-01-01T00:00:00.000000Z",)"
            R"("e":"00000000-0000-0000-0000-000000000001","f":{"g":0},"h":18446744073709551615,)"
            R"("i":"\"\\\n\r\t\u0001\u001f é/"})");
}

TEST(JsonWriter, SeveralDocumentsInARowNeedNoReset) {
  std::string out;
  JsonWriter(out).begin_array().value(1).value(2).end_array();
  JsonWriter(out).begin_array().end_array();
  EXPECT_EQ(out, "[1,2][]");
}

}  // namespace
}  // namespace instapay

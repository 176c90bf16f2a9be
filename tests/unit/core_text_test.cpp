#include "core/text.h"

#include <gtest/gtest.h>

#include "core/fields.h"

namespace instapay {
namespace {

std::string utf8(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
  return out;
}

// What a display name is stored as; nullopt when it is refused.
std::optional<std::string> stored_name(const std::string& text) {
  Json body;
  body.kind = Json::Kind::object;
  Json value;
  value.kind = Json::Kind::string;
  value.text = text;
  body.members.emplace_back("name", value);
  Fields fields(body);
  std::string name = fields.text("name", {.max_chars = 64, .kind = TextKind::name});
  if (fields.finish()) return std::nullopt;
  return name;
}

TEST(Text, AllowsNamesOfTheWorld) {
  for (const std::string name : {
           "Alice",
           "محمد علي",
           "Zoë O’Neil",
           "李小龍",
           "👩‍💻 Ada",
           "Łukasz",
           "می‌خواهم",         // ZWNJ between letters that join
           "ක්‍රිෂ්ණ",  // ZWJ after a virama
           "क्‌ष",              // ZWNJ after a virama
           "ประเสริฐ",
           "ญี่ปุ่น",
           "Nguyễn Văn Ân",
           "נוּר",
           "مُحَمَّد",
           "김철수",
           "さとう",
           "👨‍👩‍👧‍👦",
           "👍🏽 Sam",
           "❤️‍🔥",
           "1️⃣",
           "Ω",
           "José",
           "Jose\u0301",
       }) {
    EXPECT_EQ(find_problem(name), std::nullopt) << name;
    EXPECT_TRUE(stored_name(name)) << name;
  }
}

TEST(Text, RefusesWhatCannotBeSeen) {
  for (const char32_t c : {
           U'\u00ad',
           U'\u034f',
           U'\u061c',
           U'\u115f',
           U'\u1160',
           U'\u17b4',
           U'\u17b5',
           U'\u180b',
           U'\u180e',
           U'\u180f',
           U'\u200b',
           U'\u200c',
           U'\u200d',
           U'\u200e',
           U'\u200f',
           U'\u2028',
           U'\u2029',
           U'\u202a',
           U'\u202e',
           U'\u2060',
           U'\u2061',
           U'\u2066',
           U'\u2069',
           U'\u206f',
           U'\u2800',
           U'\u303f',
           U'\u3164',
           U'\ufe00',
           U'\ufe0e',
           U'\ufe0f',
           U'\ufeff',
           U'\uffa0',
           U'\ufff9',
           U'\ufffb',
           U'\ufffc',
           U'\U00013430',
           U'\U00016fe4',
           U'\U0001bca0',
           U'\U0001d159',
           U'\U0001d173',
           U'\U000e0001',
           U'\U000e0020',
           U'\U000e0061',
           U'\U000e007f',
           U'\U000e0100',
           U'\U000e01ef',
           // Controls, private use, noncharacters, not assigned.
           U'\u0001',
           U'\t',
           U'\n',
           U'\u007f',
           U'\u0080',
           U'\u0085',
           U'\u009f',
           U'\ue000',
           U'\uf8ff',
           U'\U000f0000',
           U'\U0010fffd',
           U'\ufdd0',
           U'\ufffe',
           U'\uffff',
           U'\U0001fffe',
           U'\u0378',
           U'\U000323b0',
       }) {
    for (const std::string& text :
         {utf8(c), "Omar" + utf8(c), utf8(c) + "Omar", "Om" + utf8(c) + "ar", "عمر" + utf8(c),
          "李" + utf8(c), "👩" + utf8(c) + "a"}) {
      const bool selector_of_emoji = (c == 0xfe0e || c == 0xfe0f) && text.starts_with("👩");
      if (selector_of_emoji) continue;
      EXPECT_EQ(find_problem(text), TextProblem::unseen) << std::hex << static_cast<int>(c);
      const bool blank_at_an_end =
          c == '\t' || c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
      if (!blank_at_an_end) EXPECT_FALSE(stored_name(text)) << std::hex << static_cast<int>(c);
    }
  }
}

TEST(Text, JoinersOnlyWhereTheyShow) {
  for (const std::string text :
       {"ab\u200dc", "a\u200cb", "می\u200c", "\u200cم", "دا\u200cر", "م\u200dم", "👩\u200d",
        "\u200d👩", "👩\u200da", "क्\u200d\u200d", "می\u200c\u200cخ"})
    EXPECT_EQ(find_problem(text), TextProblem::unseen) << text;
}

TEST(Text, MustHaveSomethingToSee) {
  for (const std::string text : {" ", "\u00a0", "\u3000", "\u2003 \u202f", "\u1680"}) {
    EXPECT_EQ(find_problem(text), TextProblem::blank) << text;
    EXPECT_EQ(trim_blanks(text), "");
    EXPECT_FALSE(stored_name(text));
  }
  EXPECT_EQ(find_problem("\u0301"), TextProblem::blank);
  EXPECT_EQ(find_problem(""), std::nullopt);
}

TEST(Text, MarksStandOnLettersOfTheirScript) {
  for (const std::string name : {"\u0301a", "a \u0301b", "Omar\u17d2", "Omar\u0e34", "Omar\u094d",
                                 "Omar\u2d7f", "a\u0301\u0301\u0301\u0301\u0301"})
    EXPECT_FALSE(stored_name(name)) << name;
  EXPECT_EQ(find_problem("a\u0301\u0301\u0301\u0301\u0301"), TextProblem::marks);
  EXPECT_EQ(find_problem("a \u0301b"), std::nullopt) << "prose may show a mark by itself";
}

TEST(Text, EveryCharacterThatPassesAloneCanBeSeen) {
  for (char32_t c = 1; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    if (find_problem(utf8(c))) continue;
    // Around it nothing else shows: what is stored is no blank, and differs from what is around it.
    EXPECT_FALSE(trim_blanks(utf8(c)).empty()) << std::hex << static_cast<int>(c);
    EXPECT_NE(look_of("a" + utf8(c)).written.size() + 1, 0U);
    const auto name = stored_name("Omar" + utf8(c));
    if (name) EXPECT_NE(*name, "Omar") << std::hex << static_cast<int>(c);
  }
}

TEST(Text, TrimsUnicodeBlanks) {
  EXPECT_EQ(trim_blanks("\u3000\u00a0 a\u2003b \u0085\u2028"), "a\u2003b");
  EXPECT_EQ(trim_blanks("a"), "a");
  EXPECT_EQ(trim_blanks(""), "");
}

TEST(Text, NamesThatLookTheSameAreStoredTheSame) {
  EXPECT_EQ(stored_name("  Omar \u00a0\u3000 Sherif "), "Omar Sherif");
  EXPECT_EQ(stored_name("Ｏｍａｒ"), "Omar");
  EXPECT_EQ(stored_name("Jose\u0301"), "José");
  EXPECT_EQ(stored_name("\ufee3\ufea4\ufee4\ufeaa"), "محمد");
  EXPECT_EQ(stored_name("☎\ufe0f Omar"), stored_name("☎ Omar"));
  EXPECT_FALSE(stored_name("\u00b4")) << "a blank and a mark, once normalised";
  EXPECT_FALSE(stored_name(std::string("\ufdfa\ufdfa\ufdfa\ufdfa")))
      << "72 characters, once normalised";
}

TEST(Text, SaysWhichNamesLookAlike) {
  const auto alike = [](const char* a, const char* b) {
    return look_alike(look_of(a), look_of(b));
  };
  for (const auto& [a, b] :
       std::initializer_list<std::pair<const char*, const char*>>{{"Omar Sherif", "omar sherif"},
                                                                  {"Omar Sherif", "OmarSherif"},
                                                                  {"Omar", "Оmаr"},
                                                                  {"Omar", "0mar"},
                                                                  {"Ali", "AIi"},
                                                                  {"modern", "rnodern"},
                                                                  {"José", "Jose"},
                                                                  {"Omar", "Omar."},
                                                                  {"محمد", "محـمد"},
                                                                  {"أحمد", "احمد"},
                                                                  {"Paul", "Рaul"},
                                                                  {"omar", "ọmar"},
                                                                  {"Hill", "HiII"}})
    EXPECT_TRUE(alike(a, b)) << a << " " << b;
  for (const auto& [a, b] : std::initializer_list<std::pair<const char*, const char*>>{
           {"Omar", "Amr"}, {"Mona", "Mina"}, {"محمد", "محمود"}, {"...", "!!"}, {"Ali", "Alia"}})
    EXPECT_FALSE(alike(a, b)) << a << " " << b;
}

TEST(Text, PlainTextCanBePrinted) {
  EXPECT_TRUE(is_plain_text("محمد علي"));
  EXPECT_TRUE(is_plain_text(" "));
  for (const auto* text : {"a\tb", "a\x7f", "a\u0085", "a\u202e", "a\u200b", "\ufeffa", "a\u061c"})
    EXPECT_FALSE(is_plain_text(text)) << text;
}

}  // namespace
}  // namespace instapay

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/fields.h"
#include "core/utf8.h"

namespace instapay {
namespace {

constexpr Currency kEgp{"EGP", 2};

Json object(std::string_view text) { return parse_json(text).value(); }

// "field:code field:code", sorted as reported.
std::string mistakes(const std::optional<Error>& error) {
  std::string all;
  if (!error) return all;
  EXPECT_EQ(error->code, Code::validation_failed);
  for (const auto& [field, code, detail] : error->fields) {
    EXPECT_FALSE(detail.empty());
    all += (all.empty() ? "" : " ") + field + ":" + code;
  }
  return all;
}

TEST(Fields, GoodOnesComeBackTrimmed) {
  const Json json = object(
      R"({"name":"  Zoë ","amount":"12.30","n":-1,"note":null,"on":true,"list":[1,2],"pick":"b",
          "secret":"  pw "})");
  Fields fields(json);
  EXPECT_EQ(fields.text("name"), "Zoë");
  EXPECT_EQ(fields.amount("amount", kEgp), 1230);
  EXPECT_EQ(fields.amount("n", kEgp, true), -100);
  EXPECT_EQ(fields.optional_text("note"), std::nullopt);
  EXPECT_EQ(fields.optional_text("absent"), std::nullopt);
  EXPECT_EQ(fields.optional_amount("absent", kEgp), std::nullopt);
  EXPECT_TRUE(fields.flag("on", false));
  EXPECT_TRUE(fields.flag("absent", true));
  EXPECT_EQ(fields.array("list", 1, 2)->items.size(), 2U);
  constexpr std::string_view kAllowed[] = {"a", "b"};
  EXPECT_EQ(fields.choice("pick", kAllowed), "b");
  EXPECT_EQ(fields.secret("secret"), "  pw ");
  EXPECT_EQ(mistakes(fields.finish()), "");
}

struct Case {
  std::string_view body, mistakes;
};

TEST(Fields, TextMistakes) {
  for (const auto& [body, expected] : std::to_array<Case>({
           {R"({})", "t:required"},
           {R"({"t":null})", "t:wrong_type"},
           {R"({"t":1})", "t:wrong_type"},
           {R"({"t":[]})", "t:wrong_type"},
           {R"({"t":""})", "t:required"},
           {R"({"t":"  "})", "t:required"},
           {R"({"t":"a"})", "t:too_short"},
           {R"({"t":"abcde"})", "t:too_long"},
           {R"({"t":"éééé"})", ""},
           {R"({"t":"😀😀😀😀😀"})", "t:too_long"},
           {R"({"t":"a\u0000b"})", "t:invalid_format"},
           {R"({"t":"a\tb"})", "t:invalid_format"},
           {R"({"t":"a\u007fb"})", "t:invalid_format"},
           {R"({"t":"ab","x":1,"y":null})", "x:unknown_field y:unknown_field"},
           {R"([])", "body:wrong_type"},
           {R"("t")", "body:wrong_type"},
           {R"(null)", "body:wrong_type"},
       })) {
    const Json json = object(body);
    Fields fields(json);
    fields.text("t", {.min_chars = 2, .max_chars = 4});
    EXPECT_EQ(mistakes(fields.finish()), expected) << body;
  }
}

TEST(Fields, AmountMistakes) {
  for (const auto& [body, expected] : std::to_array<Case>({
           {R"({})", "a:required"},
           {R"({"a":null})", "a:wrong_type"},
           {R"({"a":true})", "a:wrong_type"},
           {R"({"a":{}})", "a:wrong_type"},
           {R"({"a":0})", "a:out_of_range"},
           {R"({"a":-1})", "a:out_of_range"},
           {R"({"a":"0.00"})", "a:out_of_range"},
           {R"({"a":1e2})", "a:invalid_format"},
           {R"({"a":1.001})", "a:invalid_format"},
           {R"({"a":""})", "a:invalid_format"},
           {R"({"a":" 1"})", "a:invalid_format"},
           {R"({"a":90000000000000.01})", "a:out_of_range"},
           {R"({"a":90000000000000})", ""},
       })) {
    const Json json = object(body);
    Fields fields(json);
    fields.amount("a", kEgp);
    EXPECT_EQ(mistakes(fields.finish()), expected) << body;
  }
}

TEST(Fields, OtherMistakesAllAtOnce) {
  const Json json = object(R"({"on":"true","short":[],"long":[1,2,3],"pick":"c","secret":5})");
  Fields fields(json);
  constexpr std::string_view kAllowed[] = {"a", "b"};
  EXPECT_FALSE(fields.flag("on", false));
  EXPECT_EQ(fields.array("short", 1, 2), nullptr);
  EXPECT_EQ(fields.array("long", 1, 2), nullptr);
  fields.choice("pick", kAllowed);
  fields.secret("secret");
  EXPECT_TRUE(fields.has_error("on"));
  EXPECT_FALSE(fields.has_error("o"));
  EXPECT_EQ(mistakes(fields.finish()),
            "on:wrong_type short:too_short long:too_long pick:not_allowed secret:wrong_type");
}

TEST(Fields, WholeNumbers) {
  const Json json = object(
      R"({"a":7,"b":-3,"c":null,"half":1.5,"far":1e3,"text":"7","low":0,"high":11,
          "huge":99999999999999999999})");
  Fields fields(json);
  EXPECT_EQ(fields.optional_integer("a", 1, 10), 7);
  EXPECT_EQ(fields.optional_integer("b", -5, 10), -3);
  EXPECT_EQ(fields.optional_integer("c", 1, 10), std::nullopt);
  EXPECT_EQ(fields.optional_integer("absent", 1, 10), std::nullopt);
  for (const auto* name : {"half", "far", "text", "low", "high", "huge"})
    EXPECT_EQ(fields.optional_integer(name, 1, 10), std::nullopt) << name;
  EXPECT_EQ(mistakes(fields.finish()),
            "half:invalid_format far:invalid_format text:wrong_type low:out_of_range "
            "high:out_of_range huge:out_of_range");
}

TEST(Fields, NestedOnesAreNamedByTheirPath) {
  const Json json = object(R"({"amount":0,"more":1})");
  FieldErrors errors;
  Fields fields(json, "transfers[3].");
  fields.text("receiver");
  fields.amount("amount", kEgp);
  EXPECT_TRUE(fields.has_error("amount"));
  fields.finish_into(errors);
  EXPECT_EQ(mistakes(validation_error(errors)),
            "transfers[3].receiver:required transfers[3].amount:out_of_range "
            "transfers[3].more:unknown_field");
  const Json no_object = object("7");
  Fields wrong(no_object, "transfers[4].");
  wrong.text("receiver");
  EXPECT_EQ(mistakes(wrong.finish()), "transfers[4]:wrong_type");
}

TEST(CountChars, CountsCodePoints) {
  EXPECT_EQ(count_chars(""), 0U);
  EXPECT_EQ(count_chars("aé€😀"), 4U);
}

TEST(Fields, ListsFiftyMistakesAndCountsTheRest) {
  const Json bad = *parse_json(R"({"x1":0,"x2":0,"x3":0,"x4":0})");
  FieldErrors errors;
  for (std::size_t i = 0; i < 300; ++i) {
    Fields fields(bad, fmt::format("items[{}].", i));
    fields.text("name");
    fields.finish_into(errors);
  }
  EXPECT_EQ(errors.total(), 1'500U);
  const Error error = validation_error(std::move(errors));
  EXPECT_EQ(error.fields.size(), kFieldErrorsMax);
  EXPECT_EQ(error.fields_not_listed, 1'450U);
  EXPECT_EQ(error.detail, "1500 fields need attention.");
  EXPECT_EQ(error.fields.front().field, "items[0].name");
}

}  // namespace
}  // namespace instapay

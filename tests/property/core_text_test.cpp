// Text that goes out comes back as the same value: money, JSON, times, ids.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/json.h"
#include "core/time.h"
#include "net/http.h"

namespace instapay {
namespace {

RC_GTEST_PROP(Money, TextRoundTrips, ()) {
  const Currency currency =
      *rc::gen::element(Currency{"JPY", 0}, Currency{"EGP", 2}, Currency{"KWD", 3});
  const auto minor = *rc::gen::inRange<std::int64_t>(-kAmountMax_minor, kAmountMax_minor + 1);
  RC_ASSERT((parse_amount(format_amount(minor, currency), currency) == minor));
}

RC_GTEST_PROP(Money, NoTextIsTakenForAnotherAmount, (std::int16_t whole, std::uint8_t fraction)) {
  const Currency egp{"EGP", 2};
  const std::string digits = std::to_string(fraction % 100);
  const std::string text =
      std::to_string(std::abs(whole)) + "." + (digits.size() == 1 ? "0" : "") + digits;
  RC_ASSERT((parse_amount(text, egp) == std::abs(whole) * std::int64_t{100} + fraction % 100));
  RC_ASSERT(!parse_amount(text + "1", egp));
  RC_ASSERT(!parse_amount(text + "e0", egp));
}

RC_GTEST_PROP(Money, ArbitraryTextIsRefusedOrExact, (const std::string& text)) {
  const Currency egp{"EGP", 2};
  const auto parsed = parse_amount(text, egp);
  if (!parsed) return;
  RC_ASSERT(std::abs(*parsed) <= kAmountMax_minor);
  RC_ASSERT((parse_amount(format_amount(*parsed, egp), egp) == *parsed));
}

RC_GTEST_PROP(Time, TextRoundTrips, ()) {
  const auto us = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000'000, 253'402'300'799'999'999);
  RC_ASSERT(parse_time(format_time(us)) == us);
}

RC_GTEST_PROP(Uuid, TextRoundTrips, (const std::array<std::uint8_t, 16>& bytes)) {
  const Uuid id{bytes};
  RC_ASSERT(Uuid::parse(id.to_string()) == id);
}

// Any JSON value, as the writer writes it.
void write(JsonWriter& json, const Json& value) {
  switch (value.kind) {
    case Json::Kind::null:
      json.null();
      break;
    case Json::Kind::boolean:
      json.value(value.boolean);
      break;
    case Json::Kind::number:
      json.raw(value.text);
      break;
    case Json::Kind::string:
      json.value(value.text);
      break;
    case Json::Kind::array:
      json.begin_array();
      for (const Json& item : value.items) write(json, item);
      json.end_array();
      break;
    case Json::Kind::object:
      json.begin_object();
      for (const auto& [name, member] : value.members) write(json.key(name), member);
      json.end_object();
  }
}

bool same(const Json& a, const Json& b) {
  const auto same_member = [](const JsonMember& x, const JsonMember& y) {
    return x.name == y.name && same(x.value, y.value);
  };
  return a.kind == b.kind && a.boolean == b.boolean && a.text == b.text &&
         std::ranges::equal(a.items, b.items, same) &&
         std::ranges::equal(a.members, b.members, same_member);
}

std::string utf8(const std::vector<std::uint32_t>& points) {
  std::string text;
  for (const std::uint32_t any : points) {
    std::uint32_t c = any % 0x110000;
    if (c >= 0xd800 && c < 0xe000) c -= 0x800;
    if (any % 3 == 0) c %= 0x80;
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
               static_cast<char>(0x80 | (c & 63))};
    } else {
      text += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
               static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
  }
  return text;
}

Json any_json(int depth) {
  Json value;
  value.kind = static_cast<Json::Kind>(*rc::gen::inRange(0, depth > 0 ? 6 : 4));
  switch (value.kind) {
    case Json::Kind::null:
      break;
    case Json::Kind::boolean:
      value.boolean = *rc::gen::arbitrary<bool>();
      break;
    case Json::Kind::number:
      value.text = std::to_string(*rc::gen::arbitrary<std::int64_t>());
      break;
    case Json::Kind::string:
      value.text = utf8(*rc::gen::arbitrary<std::vector<std::uint32_t>>());
      break;
    case Json::Kind::array:
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) value.items.push_back(any_json(depth - 1));
      break;
    case Json::Kind::object:
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
        value.members.push_back({"name" + std::to_string(i), any_json(depth - 1)});
  }
  return value;
}

RC_GTEST_PROP(Json, WhatIsWrittenIsRead, ()) {
  const Json value = any_json(3);
  std::string text;
  JsonWriter json(text);
  write(json, value);
  const auto parsed = parse_json(text);
  RC_ASSERT(parsed);
  RC_ASSERT(same(*parsed, value));
}

RC_GTEST_PROP(Json, ArbitraryBytesNeverBreakTheParser, (const std::string& bytes)) {
  const auto parsed = parse_json(bytes);
  if (!parsed) RC_ASSERT(parsed.error().code == Code::invalid_json);
}

RC_GTEST_PROP(PercentDecode, UndoesEncoding, ()) {
  const std::string text = utf8(*rc::gen::arbitrary<std::vector<std::uint32_t>>());
  RC_PRE(text.find('\0') == std::string::npos);
  std::string encoded;
  for (const char c : text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    encoded += {'%', kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
  }
  RC_ASSERT(net::percent_decode(encoded, false) == text);
  RC_ASSERT(net::is_valid_utf8(text));
}

}  // namespace
}  // namespace instapay

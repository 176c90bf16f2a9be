#include "core/json.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include "core/limits.h"
#include "core/time.h"
#include "core/utf8.h"

namespace instapay {
namespace {

namespace json = boost::json;

// Builds the tree from Boost.JSON's events. Boost's own DOM would turn numbers into doubles.
struct TreeBuilder {
  static constexpr std::size_t max_object_size = kJsonMembersMax;
  static constexpr std::size_t max_array_size = kJsonItemsMax;
  static constexpr std::size_t max_key_size = kJsonNameMax_bytes;
  static constexpr std::size_t max_string_size = kBatchBodyMax_bytes;

  Json root;
  std::vector<Json*> open;
  std::string partial;
  std::string key;
  std::string duplicate;
  JsonWork work;

  Json* add(Json value, json::error_code& ec) {
    if (open.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *open.back();
    if (parent.kind == Json::Kind::array) return &parent.items.emplace_back(std::move(value));
    work.name_comparisons += parent.members.size();
    if (parent.find(key) != nullptr) {
      duplicate = key;
      ec = json::error::syntax;
      return nullptr;
    }
    return &parent.members.emplace_back(std::move(key), std::move(value)).value;
  }
  bool scalar(Json value, json::error_code& ec) { return add(std::move(value), ec) != nullptr; }
  bool begin(Json::Kind kind, json::error_code& ec) {
    Json value;
    value.kind = kind;
    Json* added = add(std::move(value), ec);
    if (added == nullptr) return false;
    // A parent's vector grows only while it is the innermost one, so the pointers stay valid.
    open.push_back(added);
    return true;
  }
  bool end() {
    open.pop_back();
    return true;
  }
  bool number(json::string_view text, json::error_code& ec) {
    partial.append(text.data(), text.size());
    return take(Json::Kind::number, ec);
  }
  bool take(Json::Kind kind, json::error_code& ec) {
    Json value;
    value.kind = kind;
    value.text = std::exchange(partial, {});
    return scalar(std::move(value), ec);
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return begin(Json::Kind::object, ec); }
  bool on_object_end(std::size_t, json::error_code&) { return end(); }
  bool on_array_begin(json::error_code& ec) { return begin(Json::Kind::array, ec); }
  bool on_array_end(std::size_t, json::error_code&) { return end(); }
  bool on_key_part(json::string_view s, std::size_t, json::error_code&) {
    partial.append(s.data(), s.size());
    return true;
  }
  bool on_key(json::string_view s, std::size_t, json::error_code&) {
    partial.append(s.data(), s.size());
    key = std::exchange(partial, {});
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, json::error_code&) {
    partial.append(s.data(), s.size());
    return true;
  }
  bool on_string(json::string_view s, std::size_t, json::error_code& ec) {
    partial.append(s.data(), s.size());
    return take(Json::Kind::string, ec);
  }
  bool on_number_part(json::string_view s, json::error_code&) {
    partial.append(s.data(), s.size());
    return true;
  }
  bool on_int64(std::int64_t, json::string_view s, json::error_code& ec) { return number(s, ec); }
  bool on_uint64(std::uint64_t, json::string_view s, json::error_code& ec) { return number(s, ec); }
  bool on_double(double, json::string_view s, json::error_code& ec) {  // tidy: allow(float)
    return number(s, ec);  // the text counts, the double is Boost's
  }
  bool on_bool(bool boolean, json::error_code& ec) {
    Json value;
    value.kind = Json::Kind::boolean;
    value.boolean = boolean;
    return scalar(std::move(value), ec);
  }
  bool on_null(json::error_code& ec) { return scalar({}, ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append_escaped(std::string& out, std::string_view text) {
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') continue;
    if (c >= 0x80) {
      if (const std::size_t size = utf8_char_size(text.substr(i)); size > 0) {
        i += size - 1;
        continue;
      }
    }
    out.append(text, clean, i - clean);
    clean = i + 1;
    if (c >= 0x80) {
      out += kReplacement;
      continue;
    }
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    }
  }
  out.append(text, clean);
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [member, value] : members)
    if (member == name) return &value;
  return nullptr;
}

Result<Json> parse_json(std::string_view text, JsonWork* work) {
  if (text.empty())
    return fail(Code::invalid_json, "The body is empty; a JSON object is expected.");
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<TreeBuilder> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (work != nullptr) *work = parser.handler().work;
  if (!ec && used < text.size()) ec = json::error::extra_data;
  if (!ec) return std::move(parser.handler().root);
  if (const auto& key = parser.handler().duplicate; !key.empty())
    return fail(Code::invalid_json, fmt::format("The key \"{}\" appears twice.", key));
  if (ec == json::error::object_too_large)
    return fail(Code::invalid_json, fmt::format("An object has more than {} members at byte {}.",
                                                kJsonMembersMax, used));
  return fail(Code::invalid_json, fmt::format("{} at byte {}.", ec.message(), used));
}

JsonWriter& JsonWriter::key(std::string_view name) {
  comma();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  out_ += '"';
  append_escaped(out_, text);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(bool boolean) { return raw(boolean ? "true" : "false"); }

JsonWriter& JsonWriter::value(std::int64_t number) {
  const fmt::format_int text(number);
  return raw({text.data(), text.size()});
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  const fmt::format_int text(number);
  return raw({text.data(), text.size()});
}

JsonWriter& JsonWriter::value(const Uuid& id) {
  comma();
  out_ += '"';
  id.append_to(out_);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::field_or_null(std::string_view name, std::string_view text) {
  key(name);
  return text.empty() ? null() : value(text);
}

JsonWriter& JsonWriter::amount_or_null(std::optional<std::int64_t> minor, Currency currency) {
  return minor ? amount(*minor, currency) : null();
}

JsonWriter& JsonWriter::time_or_null(std::optional<std::int64_t> unix_us) {
  return unix_us ? time(*unix_us) : null();
}

JsonWriter& JsonWriter::amount(Total minor, Currency currency) {
  comma();
  append_amount(out_, minor, currency);
  return *this;
}

JsonWriter& JsonWriter::time(std::int64_t unix_us) {
  comma();
  out_ += '"';
  append_time(out_, unix_us);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

}  // namespace instapay

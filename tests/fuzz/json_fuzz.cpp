// JSON text: what is accepted is written the same again, and what is refused says why. The work is
// bounded by the text.
#include <cstdint>

#include "core/json.h"
#include "core/limits.h"
#include "core/utf8.h"
#include "fuzz/expect.h"

namespace {

using namespace instapay;

void write(JsonWriter& out, const Json& json) {
  switch (json.kind) {
    case Json::Kind::null:
      out.null();
      break;
    case Json::Kind::boolean:
      out.value(json.boolean);
      break;
    case Json::Kind::number:
      out.raw(json.text);
      break;
    case Json::Kind::string:
      out.value(json.text);
      break;
    case Json::Kind::array:
      out.begin_array();
      for (const Json& item : json.items) write(out, item);
      out.end_array();
      break;
    case Json::Kind::object:
      out.begin_array();  // names are not escaped by the writer, which only writes known ones
      for (const auto& [name, value] : json.members) {
        out.value(name);
        write(out, value);
      }
      out.end_array();
  }
}

std::string written(const Json& json) {
  std::string text;
  JsonWriter out(text);
  write(out, json);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  JsonWork work;
  const auto json = parse_json(text, &work);
  fuzz::expect(work.name_comparisons <= kJsonMembersMax * (size + 1));
  if (!json) {
    fuzz::expect(json.error().code == Code::invalid_json && !json.error().detail.empty());
    return 0;
  }
  const std::string once = written(*json);
  fuzz::expect(is_valid_utf8(once));
  const auto again = parse_json(once);
  fuzz::expect(again.has_value() && written(*again) == once);
  return 0;
}

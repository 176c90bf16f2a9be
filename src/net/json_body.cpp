#include "net/json_body.h"

namespace instapay::net {

Result<Json> json_body(const Request& request) {
  if (!request.has_body_of("application/json"))
    return fail(Code::unsupported_media_type, "Send the body as application/json.");
  return parse_json(request.body);
}

Result<Uuid> uuid_param(const Request& request, std::size_t index, std::string_view name) {
  const auto id = Uuid::parse(request.params.at(index));
  if (!id) return fail_field(name, "invalid_format", std::string(name) + " must be a UUID.");
  return *id;
}

}  // namespace instapay::net

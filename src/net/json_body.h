#pragma once
// A request's JSON body, and the responses handlers write most.
#include "core/json.h"
#include "net/http.h"

namespace instapay::net {

/// Errors: unsupported_media_type unless application/json; invalid_json.
Result<Json> json_body(const Request& request);

/// The path parameter as a uuid. Error: validation_failed on `name`.
Result<Uuid> uuid_param(const Request& request, std::size_t index, std::string_view name = "id");

}  // namespace instapay::net

#pragma once
// Reports are JSON, or their series as CSV.
#include "net/page.h"

namespace instapay::reporting {

enum class Format : std::uint8_t { json, csv };

/// `format`, else Accept; nullopt when Accept takes neither. Mistakes stay in `query`.
std::optional<Format> read_format(const net::Request& request, net::QueryReader& query);

std::unexpected<Error> not_acceptable();

/// A response that a browser saves as "<name>-<start>-<end>.csv".
/// With `X-As-Of`, what JSON calls asOf.
net::Response csv_response(std::string_view name, std::string_view start, std::string_view end,
                           std::int64_t as_of_us);

}  // namespace instapay::reporting

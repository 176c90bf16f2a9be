#pragma once
// How long statements take, by name. Names are those of db/queries and a few constants of the
// sources, never made at run time, so there are as many series as statements. Thread-safe.
#include <cstdint>
#include <string_view>

namespace instapay::pg {

/// `name` must live for ever, as that of a Statement does.
void observe_statement(std::string_view name, std::int64_t took_us, bool failed);

}  // namespace instapay::pg

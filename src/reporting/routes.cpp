#include "reporting/service.h"

namespace instapay::reporting {

std::span<const net::Route<Service>> routes() { return {}; }

}  // namespace instapay::reporting

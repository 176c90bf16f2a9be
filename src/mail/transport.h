#pragma once
// How a mail leaves.
#include <cstdint>
#include <string>

#include "mail/message.h"

namespace instapay::mail {

enum class Delivery : std::uint8_t {
  accepted,  // whoever took it answers for it now
  later,     // not now: try again
  refused,   // never: the same would be refused again
};

struct Attempt {
  Delivery delivery = Delivery::later;
  std::string detail = {};  // why not, for logs and operators: no address, no content
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// Blocks for kSmtpTimeout_ms at most.
  virtual Attempt send(const Message& message) = 0;
};

}  // namespace instapay::mail

#include "mail/mailbox.h"

#include "telemetry/log.h"

namespace instapay::mail {

Attempt Mailbox::send(const Message& message) {
  log::info("mail, shown at /dev/mails", {{"instapay.mail.to", message.to},
                                          {"instapay.mail.subject", message.subject},
                                          {"instapay.mail.text", message.text}});
  const std::scoped_lock lock(mutex_);
  messages_.push_front(message);
  if (messages_.size() > kMailboxMax) messages_.pop_back();
  return {.delivery = Delivery::accepted};
}

std::vector<Message> Mailbox::list() const {
  const std::scoped_lock lock(mutex_);
  return {messages_.begin(), messages_.end()};
}

}  // namespace instapay::mail

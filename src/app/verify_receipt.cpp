#include "app/verify_receipt.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fstream>
#include <iostream>

#include "core/json.h"
#include "core/text.h"
#include "core/time.h"
#include "net/fetch.h"
#include "transaction/receipt.h"

namespace instapay::app {
namespace {

using transaction::Receipt;
using transaction::ReceiptFault;

constexpr std::int64_t kFetchTimeout_ms = 10'000;

// At most one byte more than what may be good: enough to see that it is too long.
std::string read_all(std::istream& from, std::size_t max_bytes) {
  std::string text(max_bytes + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
  return text;
}

// What a receipt says is a stranger's: nothing in it may steer a terminal or turn the reading
// order.
std::string for_terminal(std::string_view utf8) {
  if (is_plain_text(utf8)) return std::string(utf8);
  std::string escaped;
  for (const char c : utf8)
    if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte > 0x7e) {
      fmt::format_to(std::back_inserter(escaped), "\\x{:02x}", byte);
    } else {
      escaped += c;
    }
  return escaped;
}

std::expected<std::string, ReceiptFault> read_file(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(std::cin, max_bytes);
  std::ifstream file(path);
  if (!file) return std::unexpected(ReceiptFault{"unreadable", "cannot read " + path});
  return read_all(file, max_bytes);
}

bool is_loopback(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return false;
  const std::string host = parsed->host_address();
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::expected<auth::KeySet, ReceiptFault> read_keys(const std::string& where) {
  const auto unusable = [&](const std::string& why) {
    return std::unexpected(ReceiptFault{"unusable_jwks", where + ": " + why});
  };
  std::string text;
  if (where.starts_with("http://") && !is_loopback(where))
    return unusable("keys that come over plain http prove nothing: use https, or a file");
  if (where.starts_with("http://") || where.starts_with("https://")) {
    auto fetched = net::fetch(where, kFetchTimeout_ms);
    if (!fetched) return unusable(fetched.error());
    if (fetched->status != 200) return unusable(fmt::format("answered {}", fetched->status));
    text = std::move(fetched->body);
  } else {
    auto read = read_file(where, auth::kJwksMax_bytes);
    if (!read) return std::unexpected(std::move(read.error()));
    text = std::move(*read);
  }
  auto keys = auth::KeySet::parse(text, auth::kReceiptKeys);
  if (!keys) return unusable(keys.error());
  return std::move(*keys);
}

std::expected<Receipt, ReceiptFault> verify(const ReceiptCheck& check) {
  const auto keys = read_keys(check.jwks);
  if (!keys) return std::unexpected(keys.error());
  const auto text = read_file(check.file, transaction::kReceiptMax_bytes);
  if (!text) return std::unexpected(text.error());
  auto receipt = transaction::verify_receipt(*text, *keys);
  if (!receipt || check.chain_hash.empty()) return receipt;
  // Each hash covers all before it: who has noted the one before has this batch's place too.
  if (check.chain_hash != to_hex(receipt->batch_hash) &&
      check.chain_hash != to_hex(receipt->batch.prev_hash))
    return std::unexpected(ReceiptFault{
        "other_chain_hash", "the hash noted is neither this batch's nor that of the one before"});
  return receipt;
}

void print_for_people(const Receipt& receipt) {
  const auto& t = receipt.transfer;
  const auto& batch = receipt.batch;
  const auto amount = [&](std::int64_t minor) {
    return format_amount(minor, receipt.currency) + " " + std::string(receipt.currency.code);
  };
  fmt::print("The receipt is genuine: this {} stands in the ledger.\n\n", name_of(t.kind));
  fmt::print("  transaction  {}\n  time         {}\n  amount       {}\n", t.id.to_string(),
             format_time(t.created.us), amount(t.amount.minor));
  fmt::print("  from         {}\n  to           {}\n", t.payer.to_string(), t.payee.to_string());
  if (t.refund_of != Uuid{}) fmt::print("  refund of    {}\n", t.refund_of.to_string());
  if (!t.note.empty()) fmt::print("  note         \"{}\"\n", for_terminal(t.note));
  if (receipt.payer_blinding)
    fmt::print("  sender had   {} after it\n", amount(t.payer_side.balance.minor));
  if (receipt.payee_blinding)
    fmt::print("  receiver had {} after it\n", amount(t.payee_side.balance.minor));
  fmt::print("  issued       {}\n", format_time(receipt.issued_at_s * kSecond_us));
  fmt::print("  batch        {} of chain {}, transfer {} of {}, committed {}\n", batch.seq,
             batch.chain_id, t.place.position + 1, batch.transfer_count,
             format_time(batch.committed.us));
  fmt::print("  batch hash   {}\n", to_hex(receipt.batch_hash));
}

std::string verdict_as_json(const std::expected<Receipt, ReceiptFault>& verdict) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("genuine", verdict.has_value());
  if (!verdict) {
    json.field("code", verdict.error().code).field("reason", verdict.error().detail);
    json.end_object();
    return out;
  }
  const auto& t = verdict->transfer;
  json.field("transactionId", t.id)
      .field("senderId", t.payer.uuid)
      .field("receiverId", t.payee.uuid);
  json.key("amount").amount(t.amount.minor, verdict->currency);
  json.field("currency", verdict->currency.code).field("kind", name_of(t.kind));
  json.key("createdAt").time(t.created.us);
  json.key("issuedAt").time(verdict->issued_at_s * kSecond_us);
  json.field("chain", std::int64_t{t.place.chain_id}).field("seq", t.place.batch_seq);
  json.field("batchHash", to_hex(verdict->batch_hash)).end_object();
  return out;
}

}  // namespace

int verify_receipt_command(const ReceiptCheck& check) {
  const auto verdict = verify(check);
  if (check.json) {
    fmt::print("{}\n", verdict_as_json(verdict));
  } else if (verdict) {
    print_for_people(*verdict);
  } else {
    fmt::print("NOT PROVEN ({}): {}\n", verdict.error().code, for_terminal(verdict.error().detail));
  }
  return verdict ? 0 : 1;
}

}  // namespace instapay::app

#include "app/verify_receipt.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/receipt_keys.h"
#include "auth/base64url.h"
#include "core/json.h"
#include "core/text.h"
#include "core/time.h"
#include "transaction/receipt.h"

namespace instapay::app {
namespace {

using transaction::Receipt;
using transaction::ReceiptFault;

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

std::expected<Receipt, ReceiptFault> verify(const ReceiptCheck& check) {
  const auto keys = read_receipt_keys(check.jwks);
  if (!keys) return std::unexpected(ReceiptFault{"unusable_jwks", keys.error()});
  const auto text = read_text(check.file, transaction::kReceiptMax_bytes);
  if (!text) return std::unexpected(ReceiptFault{"unreadable", text.error()});
  auto receipt = transaction::verify_receipt(*text, *keys);
  if (!receipt || check.chain_hash.empty()) return receipt;
  // Each hash covers all before it: who has noted the one before has this batch's place too.
  if (check.chain_hash != to_hex(receipt->batch_hash) &&
      check.chain_hash != to_hex(receipt->batch.prev_hash))
    return std::unexpected(ReceiptFault{
        "other_chain_hash", "the hash noted is neither this batch's nor that of the one before"});
  return receipt;
}

void print_signatures(const transaction::ProposalProof& proof) {
  const bool both = proof.signatures.size() > 1;
  const bool approved = std::ranges::any_of(proof.signatures, [](const auto& signature) {
    return signature.decision == transaction::kApproved;
  });
  fmt::print("  {:<11}  {} key{} signed just this {}:\n", approved ? "approved by" : "signed by",
             both ? "two" : "one", both ? "s, which have" : ", which has", proof.proposal.kind);
  for (const auto& signature : proof.signatures)
    fmt::print("               {} by {}\n               with passkey {}\n               on {}\n",
               signature.decision, signature.signer.to_string(),
               auth::base64url_encode(signature.authorization.credential_id),
               for_terminal(signature.origin));
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
  if (receipt.approval)
    fmt::print("  approved by  passkey {}\n               on {}: it has signed just this payment\n",
               auth::base64url_encode(receipt.approval->authorization.credential_id),
               for_terminal(receipt.approval->origin));
  if (receipt.proposal) print_signatures(*receipt.proposal);
  fmt::print("  issued       {}\n", format_time(receipt.issued_at_s * kSecond_us));
  fmt::print("  batch        {} of chain {}, transfer {} of {}, committed {}\n", batch.seq,
             batch.chain_id, t.place.position + 1, batch.transfer_count,
             format_time(batch.committed.us));
  fmt::print("  batch hash   {}\n", to_hex(receipt.batch_hash));
}

void write_proposal(JsonWriter& json, const transaction::ProposalProof& proof) {
  json.key("approval").begin_object().field("id", proof.proposal.id);
  json.field("kind", proof.proposal.kind).key("signatures").begin_array();
  for (const auto& signature : proof.signatures) {
    json.begin_object().field("decision", signature.decision).field("signerId", signature.signer);
    json.field("credentialId", auth::base64url_encode(signature.authorization.credential_id));
    json.field("origin", signature.origin).end_object();
  }
  json.end_array().end_object();
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
  if (verdict->approval) {
    json.key("approvedBy").begin_object();
    json.field("credentialId",
               auth::base64url_encode(verdict->approval->authorization.credential_id));
    json.field("origin", verdict->approval->origin).end_object();
  }
  if (verdict->proposal) write_proposal(json, *verdict->proposal);
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

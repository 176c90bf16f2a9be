#include "transaction/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "auth/jws.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/domain/proposal_step.h"

namespace instapay::transaction {
namespace {

using ledger::Transfer;

constexpr std::string_view kType = "receipt+jwt";
constexpr std::int64_t kVersion = 2;  // of the payload and of what is hashed

void write_amount(JsonWriter& json, std::string_view name, std::string_view minor_name,
                  std::int64_t minor, Currency currency) {
  json.field(name, format_amount(minor, currency)).field(minor_name, minor);
}

std::string id_or_empty(const Uuid& id) { return id == Uuid{} ? "" : id.to_string(); }

void write_transaction(JsonWriter& json, const Receipt& receipt) {
  const Transfer& t = receipt.transfer;
  json.begin_object().field("id", t.id).field("senderId", t.payer.uuid);
  json.field("receiverId", t.payee.uuid);
  write_amount(json, "amount", "amountMinor", t.amount.minor, receipt.currency);
  json.field("currency", receipt.currency.code).field("kind", name_of(t.kind));
  if (receipt.note_blinding) {
    json.field_or_null("note", t.note);
    json.field("noteBlinding", to_hex(*receipt.note_blinding));
  } else {
    json.field("noteHash", to_hex(receipt.parts.note));
  }
  json.field_or_null("refundOf", id_or_empty(t.refund_of));
  json.field_or_null("reference", id_or_empty(t.reference));
  json.field_or_null("actorId", id_or_empty(t.actor));
  json.key("createdAt").time(t.created.us).end_object();
}

void write_state(JsonWriter& json, const ledger::Side& side, Currency currency) {
  json.field("seq", side.seq.value);
  write_amount(json, "balanceAfter", "balanceAfterMinor", side.balance.minor, currency);
  json.field("heldAfterMinor", side.held.minor).field("heldChangeMinor", side.held_change.minor);
  json.field("sentTodayMinor", side.sent_today.minor);
}

// What one side alone knows, or the hash of it.
void write_sides(JsonWriter& json, const Receipt& receipt) {
  const Transfer& t = receipt.transfer;
  json.key("sender").begin_object();
  if (receipt.payer_blinding) {
    write_state(json, t.payer_side, receipt.currency);
    json.field_or_null("idempotencyKeyHash", t.key ? to_hex(t.key->key) : "");
    json.field_or_null("requestHash", t.key ? to_hex(t.key->request) : "");
    json.field_or_null("refusedItems", t.refused_items);
    json.field("blinding", to_hex(*receipt.payer_blinding));
  } else {
    json.field("hash", to_hex(receipt.parts.payer));
  }
  json.end_object().key("receiver").begin_object();
  if (receipt.payee_blinding) {
    write_state(json, t.payee_side, receipt.currency);
    json.field("blinding", to_hex(*receipt.payee_blinding));
  } else {
    json.field("hash", to_hex(receipt.parts.payee));
  }
  json.end_object();
}

// What the payer has signed, or the hash of it; no member where there is nothing.
void write_approval(JsonWriter& json, const Receipt& receipt) {
  const auto hash = ledger::authorization_of(receipt.transfer);
  if (!hash) return;
  json.key("authorization").begin_object();
  if (receipt.approval) {
    write_authorization(json, receipt.approval->authorization);
    json.field("idempotencyKeyHash", to_hex(receipt.approval->idempotency_key));
  } else {
    json.field("hash", to_hex(*hash));
  }
  json.end_object();
}

// What staff have signed of the proposal that it is of, or the hashes of that.
void write_proposal(JsonWriter& json, const Receipt& receipt) {
  const auto step = ledger::signed_step(receipt.transfer.change);
  if (!step) return;
  json.key("approval").begin_object().field("id", step->proposal).field("kind", step->kind);
  json.field("sha256", step->payload_hash);
  if (receipt.proposal) {
    const SignedProposal& proposal = receipt.proposal->proposal;
    json.field("subjectId", proposal.subject);
    json.field_or_null("beneficiaryId", id_or_empty(proposal.beneficiary));
    json.field("proposedBy", proposal.proposer).field("change", proposal.payload);
  }
  json.key("signatures").begin_array();
  if (receipt.proposal) {
    for (const ProposalSignature& signature : receipt.proposal->signatures) {
      json.begin_object().field("decision", signature.decision);
      json.field("signerId", signature.signer);
      write_authorization(json, signature.authorization);
      json.end_object();
    }
  } else {
    for (const Hash256& hash : step->signatures)
      json.begin_object().field("hash", to_hex(hash)).end_object();
  }
  json.end_array().end_object();
}

std::string write_payload(const Receipt& receipt) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("iss", auth::kIssuer).field("iat", receipt.issued_at_s);
  json.field("version", kVersion).key("transaction");
  write_transaction(json, receipt);
  write_sides(json, receipt);
  write_approval(json, receipt);
  write_proposal(json, receipt);
  const ledger::BatchRow& batch = receipt.batch;
  json.key("batch").begin_object().field("chain", std::int64_t{batch.chain_id});
  json.field("seq", batch.seq).field("prevHash", to_hex(batch.prev_hash));
  json.field("merkleRoot", to_hex(batch.merkle_root));
  json.field("transferCount", std::int64_t{batch.transfer_count});
  json.key("committedAt").time(batch.committed.us).field("hash", to_hex(receipt.batch_hash));
  json.end_object().key("proof").begin_object();
  json.field("index", std::int64_t{receipt.transfer.place.position}).key("path").begin_array();
  for (const Hash256& hash : receipt.path) json.value(to_hex(hash));
  json.end_array().end_object().end_object();
  return text;
}

// Reads the members of a payload; the first mistake is kept.
class Reader {
 public:
  Reader(const Json& root, std::string& fault) : root_(root), fault_(fault) {}

  /// An empty object when it is missing.
  Reader object(std::string_view name) {
    static const Json kNothing;
    const Json* found = root_.find(name);
    const bool good = found != nullptr && found->kind == Json::Kind::object;
    if (!good) complain(name);
    return {good ? *found : kNothing, fault_, prefix_ + std::string(name) + "."};
  }
  bool has(std::string_view name) const { return root_.find(name) != nullptr; }

  std::string text(std::string_view name) {
    const Json* found = root_.find(name);
    if (found != nullptr && found->kind == Json::Kind::string) return found->text;
    complain(name);
    return {};
  }
  /// Null: empty.
  std::string optional_text(std::string_view name) {
    const Json* found = root_.find(name);
    if (found != nullptr && found->kind == Json::Kind::null) return {};
    std::string value = text(name);
    if (value.empty()) complain(name);
    return value;
  }
  template <class T>
  T number(std::string_view name) {
    const Json* found = root_.find(name);
    T value = 0;
    if (found != nullptr && found->kind == Json::Kind::number) {
      const char* end = found->text.data() + found->text.size();
      const auto [stop, error] = std::from_chars(found->text.data(), end, value);
      if (error == std::errc() && stop == end) return value;
    }
    complain(name);
    return 0;
  }
  Uuid uuid(std::string_view name) { return parsed(name, Uuid::parse(text(name))); }
  std::int64_t time_us(std::string_view name) { return parsed(name, parse_time(text(name))); }
  template <class Hash>
  Hash hash(std::string_view name) {
    Hash value{};
    if (!from_hex(text(name), value)) complain(name);
    return value;
  }
  std::string bytes(std::string_view name) {
    return parsed(name, auth::base64url_decode(text(name)));
  }
  std::vector<Hash256> hashes(std::string_view name) {
    const Json* found = root_.find(name);
    std::vector<Hash256> values;
    if (found == nullptr || found->kind != Json::Kind::array) {
      complain(name);
      return values;
    }
    for (const Json& item : found->items)
      if (item.kind != Json::Kind::string || !from_hex(item.text, values.emplace_back()))
        complain(name);
    return values;
  }
  /// From one to `max` objects.
  std::vector<Reader> objects(std::string_view name, std::size_t max) {
    const Json* found = root_.find(name);
    std::vector<Reader> readers;
    if (found == nullptr || found->kind != Json::Kind::array || found->items.empty() ||
        found->items.size() > max) {
      complain(name);
      return readers;
    }
    for (std::size_t i = 0; i < found->items.size(); ++i)
      readers.push_back(
          Reader(found->items[i], fault_, fmt::format("{}{}[{}].", prefix_, name, i)));
    return readers;
  }
  /// Two members that say the same: for people and for programs.
  std::int64_t amount(std::string_view name, std::string_view minor_name, Currency currency) {
    const auto minor = number<std::int64_t>(minor_name);
    if (text(name) != format_amount(minor, currency))
      complain(name, "does not say what " + std::string(minor_name) + " says");
    return minor;
  }
  template <class T>
  T parsed(std::string_view name, const std::optional<T>& value) {
    if (!value) complain(name);
    return value.value_or(T{});
  }
  void complain(std::string_view name, std::string_view what = "is missing or malformed") {
    if (fault_.empty()) fault_ = fmt::format("{}{} {}", prefix_, name, what);
  }

 private:
  Reader(const Json& root, std::string& fault, std::string prefix)
      : root_(root), fault_(fault), prefix_(std::move(prefix)) {}

  const Json& root_;
  std::string& fault_;
  std::string prefix_;
};

Uuid optional_id(Reader& from, std::string_view name) {
  return from.optional_text(name).empty() ? Uuid{} : from.uuid(name);
}

void read_note(Reader& from, Receipt& receipt) {
  if (from.has("noteHash")) {
    receipt.parts.note = from.hash<Hash256>("noteHash");
    return;
  }
  receipt.transfer.note = from.optional_text("note");
  receipt.note_blinding = from.hash<Hash128>("noteBlinding");
  receipt.parts.note = ledger::note_part(receipt.transfer.note, *receipt.note_blinding);
}

void read_transaction(Reader from, Receipt& receipt) {
  Transfer& t = receipt.transfer;
  const auto currency = Currency::find(from.text("currency"));
  receipt.currency = currency.value_or(Currency{});
  if (!currency) from.complain("currency");
  t.id = from.uuid("id");
  t.payer = {from.uuid("senderId")};
  t.payee = {from.uuid("receiverId")};
  t.amount = {from.amount("amount", "amountMinor", receipt.currency)};
  t.kind = from.parsed("kind", ledger::parse_entry_kind(from.text("kind")));
  read_note(from, receipt);
  t.refund_of = optional_id(from, "refundOf");
  t.reference = optional_id(from, "reference");
  t.actor = optional_id(from, "actorId");
  t.created = {from.time_us("createdAt")};
}

ledger::Side read_state(Reader& from, Currency currency) {
  return {{from.number<std::int64_t>("seq")},
          {from.amount("balanceAfter", "balanceAfterMinor", currency)},
          {from.number<std::int64_t>("heldAfterMinor")},
          {from.number<std::int64_t>("heldChangeMinor")},
          {from.number<std::int64_t>("sentTodayMinor")}};
}

void read_sender(Reader from, Receipt& receipt) {
  Transfer& t = receipt.transfer;
  if (from.has("hash")) {
    receipt.parts.payer = from.hash<Hash256>("hash");
    return;
  }
  t.payer_side = read_state(from, receipt.currency);
  if (!from.optional_text("idempotencyKeyHash").empty()) {
    t.key = ledger::RequestKey{principal_of(t), from.hash<Hash128>("idempotencyKeyHash"),
                               from.hash<Hash128>("requestHash")};
  } else if (!from.optional_text("requestHash").empty()) {
    from.complain("requestHash", "is there without a key");
  }
  t.refused_items = from.optional_text("refusedItems");
  receipt.payer_blinding = from.hash<Hash128>("blinding");
  receipt.parts.payer = payer_part(t, *receipt.payer_blinding);
}

void read_receiver(Reader from, Receipt& receipt) {
  if (from.has("hash")) {
    receipt.parts.payee = from.hash<Hash256>("hash");
    return;
  }
  receipt.transfer.payee_side = read_state(from, receipt.currency);
  receipt.payee_blinding = from.hash<Hash128>("blinding");
  receipt.parts.payee = payee_part(receipt.transfer, *receipt.payee_blinding);
}

PaymentAuthorization read_assertion(Reader& from) {
  return {.relying_party = from.text("relyingParty"),
          .credential_id = from.bytes("credentialId"),
          .public_key = from.bytes("publicKey"),
          .client_data = from.bytes("clientDataJSON"),
          .authenticator_data = from.bytes("authenticatorData"),
          .signature = from.bytes("signature")};
}

void read_authorization(Reader from, Receipt& receipt) {
  if (from.has("hash")) {
    receipt.transfer.change = ledger::change_of_authorization(from.hash<Hash256>("hash"));
    return;
  }
  Approval& approval = receipt.approval.emplace();
  approval.authorization = read_assertion(from);
  approval.idempotency_key = from.hash<Hash128>("idempotencyKeyHash");
  receipt.transfer.change = ledger::change_of_authorization(approval.authorization.hash());
}

void read_proposal(Reader from, Receipt& receipt) {
  ledger::ProposalStep step{.proposal = from.uuid("id"),
                            .kind = from.text("kind"),
                            .status = "executed",
                            .payload_hash = to_hex(from.hash<Hash256>("sha256")),
                            .signatures = {}};
  if (step.kind != "adjustment" && step.kind != "closing") from.complain("kind");
  if (from.has("change")) {
    SignedProposal& proposal = receipt.proposal.emplace().proposal;
    proposal = {.id = step.proposal,
                .kind = step.kind,
                .subject = from.uuid("subjectId"),
                .beneficiary = optional_id(from, "beneficiaryId"),
                .proposer = from.uuid("proposedBy"),
                .payload = from.text("change")};
    if (to_hex(sha256(proposal.payload)) != step.payload_hash)
      from.complain("change", "is not what sha256 says");
  }
  for (Reader& each : from.objects("signatures", 2)) {
    if (!receipt.proposal) {
      step.signatures.push_back(each.hash<Hash256>("hash"));
      continue;
    }
    receipt.proposal->signatures.push_back({.decision = each.text("decision"),
                                            .signer = each.uuid("signerId"),
                                            .authorization = read_assertion(each)});
    step.signatures.push_back(receipt.proposal->signatures.back().authorization.hash());
  }
  receipt.transfer.change = "{" + member_of_step(step) + "}";
}

void read_batch(Reader from, Receipt& receipt) {
  ledger::BatchRow& batch = receipt.batch;
  batch.chain_id = from.number<std::int32_t>("chain");
  batch.seq = from.number<std::int64_t>("seq");
  batch.prev_hash = from.hash<Hash256>("prevHash");
  batch.merkle_root = from.hash<Hash256>("merkleRoot");
  batch.transfer_count = from.number<std::int32_t>("transferCount");
  batch.committed = {from.time_us("committedAt")};
  receipt.batch_hash = from.hash<Hash256>("hash");
  receipt.transfer.place.chain_id = batch.chain_id;
  receipt.transfer.place.batch_seq = batch.seq;
}

std::expected<Receipt, ReceiptFault> read_payload(std::string_view text) {
  const auto json = parse_json(text);
  if (!json || json->kind != Json::Kind::object)
    return std::unexpected(ReceiptFault{"malformed", "its payload is not a JSON object"});
  Receipt receipt;
  std::string fault;
  Reader from(*json, fault);
  if (from.number<std::int64_t>("version") != kVersion)
    from.complain("version", "is one that this program does not know");
  if (from.text("iss") != auth::kIssuer) from.complain("iss", "is not a Mini-InstaPay's");
  receipt.issued_at_s = from.number<std::int64_t>("iat");
  read_transaction(from.object("transaction"), receipt);
  read_sender(from.object("sender"), receipt);
  read_receiver(from.object("receiver"), receipt);
  if (from.has("authorization")) read_authorization(from.object("authorization"), receipt);
  if (from.has("approval")) read_proposal(from.object("approval"), receipt);
  if (from.has("authorization") && from.has("approval"))
    from.complain("approval", "is of no payment");
  read_batch(from.object("batch"), receipt);
  Reader proof = from.object("proof");
  receipt.transfer.place.position = proof.number<std::int32_t>("index");
  receipt.path = proof.hashes("path");
  if (!fault.empty()) return std::unexpected(ReceiptFault{"bad_field", std::move(fault)});
  return receipt;
}

// Whether the transfer stands in the batch, and the batch is what its hash says.
std::optional<ReceiptFault> contradiction(const Receipt& receipt) {
  const ledger::BatchRow& batch = receipt.batch;
  const auto position = receipt.transfer.place.position, count = batch.transfer_count;
  if (position < 0 || position >= count)
    return ReceiptFault{"bad_field", "proof.index is not below batch.transferCount"};
  const auto root = ledger::root_of_path(
      leaf_hash(receipt.transfer, receipt.currency.code, receipt.parts),
      static_cast<std::size_t>(position), static_cast<std::size_t>(count), receipt.path);
  if (root != batch.merkle_root)
    return ReceiptFault{"not_in_batch",
                        "the transaction and its path do not lead to the batch's Merkle root"};
  if (batch.hash() != receipt.batch_hash)
    return ReceiptFault{"bad_batch_hash", "the batch's hash does not fit its fields"};
  if (batch.seq == 1 && batch.prev_hash != ledger::genesis_hash(batch.chain_id))
    return ReceiptFault{"bad_batch_hash", "the first batch of the chain does not begin it"};
  return std::nullopt;
}

// Whether the payer's passkey has signed just this payment.
std::optional<ReceiptFault> check_approval(Receipt& receipt) {
  if (!receipt.approval) return std::nullopt;
  Approval& approval = *receipt.approval;
  const Transfer& t = receipt.transfer;
  const auto origin = verify_authorization(
      approval.authorization, payment_challenge(t.payer, t.payee, t.amount, receipt.currency,
                                                t.note, t.reference, approval.idempotency_key));
  if (!origin)
    return ReceiptFault{"bad_authorization",
                        fmt::format("the payer's passkey has not signed this payment ({})",
                                    auth::name_of(origin.error()))};
  approval.origin = *origin;
  return std::nullopt;
}

// Whether staff have signed just this.
std::optional<ReceiptFault> check_proposal(Receipt& receipt) {
  if (!receipt.proposal) return std::nullopt;
  auto wrong = contradiction(*receipt.proposal, receipt.transfer, receipt.currency);
  if (!wrong) return std::nullopt;
  return ReceiptFault{"bad_approval", std::move(*wrong)};
}

}  // namespace

std::optional<Receipt> make_receipt(const ledger::BatchRow& batch,
                                    std::span<const Transfer> transfers, std::size_t index,
                                    Shown shown, Currency currency) {
  std::vector<Hash256> leaves;
  leaves.reserve(transfers.size());
  for (const Transfer& transfer : transfers)
    leaves.push_back(leaf_hash(transfer, currency.code, batch.secret));
  if (index >= leaves.size()) return std::nullopt;

  Receipt receipt;
  receipt.issued_at_s = now_us() / kSecond_us;
  receipt.currency = currency;
  receipt.transfer = transfers[index];
  const auto blinding = ledger::blinding_of(batch.secret, receipt.transfer.place.position);
  receipt.parts = parts_of(receipt.transfer, blinding);
  if (!receipt.transfer.note_hash) receipt.note_blinding = blinding.note;
  if (shown == Shown::payer) receipt.payer_blinding = blinding.payer;
  if (shown == Shown::payee) receipt.payee_blinding = blinding.payee;
  receipt.batch = batch;
  receipt.batch_hash = batch.hash();
  receipt.path = ledger::merkle_path(leaves, index);
  if (contradiction(receipt)) return std::nullopt;
  return receipt;
}

std::string sign_receipt(const Receipt& receipt, const auth::SigningKeys& keys) {
  return auth::sign_jws(write_payload(receipt), kType, keys);
}

std::expected<Receipt, ReceiptFault> verify_receipt(std::string_view text,
                                                    const auth::KeySet& keys) {
  const auto jws = auth::parse_jws(text, kType, kReceiptMax_bytes);
  if (!jws) return std::unexpected(ReceiptFault{"malformed", std::string(jws.error())});
  if (!keys.contains(jws->kid))
    return std::unexpected(ReceiptFault{
        "unknown_key", fmt::format("no key of the JWKS has its kid, \"{}\"", jws->kid)});
  if (!auth::verify_jws(*jws, keys))
    return std::unexpected(ReceiptFault{"bad_signature", "its signature is not that of its key"});
  auto receipt = read_payload(jws->payload);
  if (!receipt) return receipt;
  if (auto fault = contradiction(*receipt)) return std::unexpected(*std::move(fault));
  if (auto fault = check_approval(*receipt)) return std::unexpected(*std::move(fault));
  if (auto fault = check_proposal(*receipt)) return std::unexpected(*std::move(fault));
  return receipt;
}

}  // namespace instapay::transaction

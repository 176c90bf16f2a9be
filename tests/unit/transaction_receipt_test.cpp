#include "transaction/receipt.h"

#include <gtest/gtest.h>

#include <functional>

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "auth/jws.h"
#include "core/json.h"

namespace instapay::transaction {
namespace {

using auth::SigningKeys;
using ledger::BatchRow;
using ledger::Transfer;

const SigningKeys& key() {
  static const SigningKeys keys =
      *SigningKeys::from_pem(SigningKeys::generate_pem(auth::Algorithm::es256), auth::kReceiptKeys);
  return keys;
}

const Currency kEgp = *Currency::find("EGP");

// A batch of five; its third is a payment with everything that a transfer can have.
struct Batch {
  BatchRow row;
  std::vector<Transfer> transfers;
};
Transfer sample_transfer(std::int64_t seq, std::int32_t position) {
  Transfer t;
  t.id = Uuid::v7(1'790'000'000'000'000 + position);
  t.payer = {Uuid::reserved(10)};
  t.payee = {Uuid::reserved(11)};
  t.amount = {1230 + position};
  t.note = "Lunch";
  t.created = {1'790'000'000'000'000 + position};
  t.payer_side = {{41}, {77'777}, {333}, {-111}, {5'555}};
  t.payee_side = {{51}, {88'888}, {444}, {}, {6'666}};
  t.place = {7, seq, position};
  if (position != 2) return t;
  t.kind = ledger::EntryKind::refund;
  t.refund_of = Uuid::reserved(9);
  t.reference = Uuid::reserved(8);
  t.actor = Uuid::reserved(12);
  t.key = ledger::RequestKey{t.actor, sha256_half("key"), sha256_half("request")};
  t.refused_items = "1:insufficient_funds:222:0:0";
  return t;
}
void hash_leaves(Batch& batch) {
  std::vector<Hash256> leaves;
  for (const Transfer& t : batch.transfers)
    leaves.push_back(leaf_hash(t, kEgp.code, batch.row.secret));
  batch.row.merkle_root = ledger::merkle_root(leaves);
}
Batch sample(std::int64_t seq = 2) {
  Batch batch;
  batch.row = {.chain_id = 7,
               .seq = seq,
               .prev_hash = seq == 1 ? ledger::genesis_hash(7) : sha256("before"),
               .transfer_count = 5,
               .committed = {1'790'000'000'123'456},
               .secret = sha256("secret")};
  for (std::int32_t i = 0; i < 5; ++i) batch.transfers.push_back(sample_transfer(seq, i));
  hash_leaves(batch);
  return batch;
}

Receipt receipt_of(const Batch& batch, Shown shown, std::size_t index = 2) {
  auto receipt = make_receipt(batch.row, batch.transfers, index, shown, kEgp);
  EXPECT_TRUE(receipt);
  return *std::move(receipt);
}

std::string payload_of(const std::string& receipt) {
  return auth::parse_jws(receipt, "receipt+jwt", kReceiptMax_bytes)->payload;
}
std::string code_of(const std::expected<Receipt, ReceiptFault>& verdict) {
  return verdict ? "genuine" : std::string(verdict.error().code);
}

TEST(Receipt, ProvesEveryTransferOfABatch) {
  for (const std::int64_t seq : {1, 2})
    for (std::size_t i = 0; i < 5; ++i)
      for (const Shown shown : {Shown::neither, Shown::payer, Shown::payee}) {
        const Batch batch = sample(seq);
        const auto read =
            verify_receipt(sign_receipt(receipt_of(batch, shown, i), key()), key().public_keys());
        ASSERT_TRUE(read) << read.error().detail;
        const Transfer &want = batch.transfers[i], &got = read->transfer;
        EXPECT_EQ(got.id, want.id);
        EXPECT_EQ(got.payer, want.payer);
        EXPECT_EQ(got.payee, want.payee);
        EXPECT_EQ(got.amount, want.amount);
        EXPECT_EQ(got.kind, want.kind);
        EXPECT_EQ(got.note, want.note);
        EXPECT_EQ(got.refund_of, want.refund_of);
        EXPECT_EQ(got.reference, want.reference);
        EXPECT_EQ(got.actor, want.actor);
        EXPECT_EQ(got.created, want.created);
        EXPECT_EQ(got.place, want.place);
        EXPECT_EQ(read->batch_hash, batch.row.hash());
        const bool payer = shown == Shown::payer, payee = shown == Shown::payee;
        EXPECT_EQ(got.payer_side, payer ? want.payer_side : ledger::Side{});
        EXPECT_EQ(got.payee_side, payee ? want.payee_side : ledger::Side{});
        EXPECT_EQ(got.key, payer ? want.key : std::nullopt);
        EXPECT_EQ(got.refused_items, payer ? want.refused_items : "");
      }
}

TEST(Receipt, ShowsNobodyWhatTheOtherSideAloneKnows) {
  const Batch batch = sample();
  const auto blinding = ledger::blinding_of(batch.row.secret, 2);
  const std::vector<std::string> of_payer = {"777.77",
                                             "77777",
                                             ":333,",
                                             "-111",
                                             "5555",
                                             "insufficient_funds",
                                             to_hex(sha256_half("key")),
                                             to_hex(sha256_half("request")),
                                             to_hex(blinding.payer)};
  const std::vector<std::string> of_payee = {"888.88", "88888", ":444,", "6666",
                                             to_hex(blinding.payee)};
  const auto holds = [](const std::string& text, const std::vector<std::string>& words) {
    return std::ranges::count_if(words, [&](const auto& word) { return text.contains(word); });
  };
  const auto shown = [&](Shown side) {
    const std::string text = payload_of(sign_receipt(receipt_of(batch, side), key()));
    EXPECT_FALSE(text.contains(to_hex(batch.row.secret)));
    return std::pair{holds(text, of_payer), holds(text, of_payee)};
  };
  EXPECT_EQ(shown(Shown::payer), (std::pair{9L, 0L}));
  EXPECT_EQ(shown(Shown::payee), (std::pair{0L, 5L}));
  EXPECT_EQ(shown(Shown::neither), (std::pair{0L, 0L}));
}

TEST(Receipt, IsNotMadeOfWhatWasNotHashed) {
  const auto made = [](auto change) {
    Batch batch = sample();
    change(batch);
    return make_receipt(batch.row, batch.transfers, 2, Shown::payer, kEgp).has_value();
  };
  EXPECT_TRUE(made([](Batch&) {}));
  EXPECT_FALSE(made([](Batch& b) { ++b.transfers[2].amount.minor; }));
  EXPECT_FALSE(made([](Batch& b) { ++b.transfers[4].payee_side.balance.minor; }));
  EXPECT_FALSE(made([](Batch& b) { b.transfers.pop_back(); }));
  EXPECT_FALSE(made([](Batch& b) { b.transfers.resize(2); }));
  EXPECT_FALSE(made([](Batch& b) { b.row.secret[0] ^= 1; }));
  EXPECT_FALSE(made([](Batch& b) { b.row.merkle_root[0] ^= 1; }));
}

// Whoever has the key may sign anything, and still cannot make it fit the batch's hash.
struct Forgery {
  const char *from, *to, *code;
};
std::string forged(const std::string& payload, const Forgery& forgery) {
  std::string text = payload;
  const std::size_t at = text.find(forgery.from);
  EXPECT_NE(at, std::string::npos) << forgery.from;
  text.replace(at, std::strlen(forgery.from), forgery.to);
  return auth::sign_jws(text, "receipt+jwt", key());
}

TEST(Receipt, OfAnotherTruthIsRefusedThoughItIsSigned) {
  const std::string payload = payload_of(sign_receipt(receipt_of(sample(), Shown::payer), key()));
  const std::string payee = payload_of(sign_receipt(receipt_of(sample(), Shown::payee), key()));
  const Forgery list[] = {
      {R"("version":2)", R"("version":1)", "bad_field"},
      {R"("iss":"instapay")", R"("iss":"other")", "bad_field"},
      {R"("iat":)", R"("iat":0.)", "bad_field"},
      {R"("amount":"12.32")", R"("amount":"92.32")", "bad_field"},
      {R"("amount":"12.32")", R"("amount":"12.320")", "bad_field"},
      {R"("amount":"12.32","amountMinor":1232)", R"("amount":"92.32","amountMinor":9232)",
       "not_in_batch"},
      {R"("currency":"EGP")", R"("currency":"XXZ")", "bad_field"},
      {R"("currency":"EGP")", R"("currency":"JPY")", "bad_field"},
      {R"("kind":"refund")", R"("kind":"transfer")", "not_in_batch"},
      {R"("kind":"refund")", R"("kind":"gift")", "bad_field"},
      {R"("note":"Lunch")", R"("note":"Rent")", "not_in_batch"},
      {R"("note":"Lunch")", R"("note":null)", "not_in_batch"},
      {R"("note":"Lunch")", R"("note":"")", "bad_field"},
      {R"("note":"Lunch",)", "", "bad_field"},
      {R"("noteBlinding":")", R"("noteBlinding":"0)", "bad_field"},
      {R"("noteBlinding":")", R"("noteHash":")", "bad_field"},
      {R"("reference":"00000000-0000-0000-0000-000000000008")", R"("reference":null)",
       "not_in_batch"},
      {R"("actorId":"00000000-0000-0000-0000-00000000000c")", R"("actorId":null)", "not_in_batch"},
      {R"("actorId":"00000000-0000-0000-0000-00000000000c")", R"("actorId":"")", "bad_field"},
      {R"("refundOf":"00000000-0000-0000-0000-000000000009")", R"("refundOf":null)",
       "not_in_batch"},
      {R"("senderId":"00000000-0000-0000-0000-00000000000a")",
       R"("senderId":"00000000-0000-0000-0000-00000000000c")", "not_in_batch"},
      {R"("receiverId":"00000000-0000-0000-0000-00000000000b")",
       R"("receiverId":"00000000-0000-0000-0000-00000000000c")", "not_in_batch"},
      {R"("createdAt":"2026-)", R"("createdAt":"2025-)", "not_in_batch"},
      {R"("createdAt":"2026-)", R"("createdAt":"x2026-)", "bad_field"},
      {R"("balanceAfter":"777.77","balanceAfterMinor":77777)",
       R"("balanceAfter":"0.00","balanceAfterMinor":0)", "not_in_batch"},
      {R"("balanceAfterMinor":77777)", R"("balanceAfterMinor":77778)", "bad_field"},
      {R"("seq":41)", R"("seq":42)", "not_in_batch"},
      {R"("heldAfterMinor":333)", R"("heldAfterMinor":0)", "not_in_batch"},
      {R"("heldChangeMinor":-111)", R"("heldChangeMinor":0)", "not_in_batch"},
      {R"("heldChangeMinor":-111,)", "", "bad_field"},
      {R"("sentTodayMinor":5555)", R"("sentTodayMinor":0)", "not_in_batch"},
      {R"("refusedItems":"1:)", R"("refusedItems":"2:)", "not_in_batch"},
      {R"("refusedItems":"1:insufficient_funds:222:0:0")", R"("refusedItems":null)",
       "not_in_batch"},
      {R"("idempotencyKeyHash":")", R"("idempotencyKeyHash":"0)", "bad_field"},
      {R"("idempotencyKeyHash":")", R"("idempotencyKeyHash":null,"x":")", "bad_field"},
      {R"("blinding":")", R"("blinding":"00)", "bad_field"},
      {R"("chain":7)", R"("chain":8)", "not_in_batch"},
      {R"("chain":7)", R"("chain":99999999999)", "bad_field"},
      {R"("seq":2)", R"("seq":3)", "not_in_batch"},
      {R"("transferCount":5)", R"("transferCount":4)", "not_in_batch"},
      {R"("transferCount":5)", R"("transferCount":2147483647)", "not_in_batch"},
      {R"("committedAt":"2026-)", R"("committedAt":"2025-)", "bad_batch_hash"},
      {R"("index":2)", R"("index":3)", "not_in_batch"},
      {R"("index":2)", R"("index":-1)", "bad_field"},
      {R"("index":2)", R"("index":5)", "bad_field"},
      {R"("path":[")", R"("path":["00)", "bad_field"},
      {R"("path":[)", R"("path":7,"x":[)", "bad_field"},
  };
  ASSERT_EQ(code_of(verify_receipt(forged(payload, {"{", "{", ""}), key().public_keys())),
            "genuine");
  for (const Forgery& forgery : list)
    EXPECT_EQ(code_of(verify_receipt(forged(payload, forgery), key().public_keys())), forgery.code)
        << forgery.to;
  EXPECT_EQ(code_of(verify_receipt(
                forged(payee, {R"("balanceAfter":"888.88","balanceAfterMinor":88888)",
                               R"("balanceAfter":"888.89","balanceAfterMinor":88889)", ""}),
                key().public_keys())),
            "not_in_batch");
  EXPECT_EQ(
      code_of(verify_receipt(auth::sign_jws("[]", "receipt+jwt", key()), key().public_keys())),
      "malformed");
}

// Every hash in it, with one of its digits changed.
TEST(Receipt, OfAnotherHashIsRefusedThoughItIsSigned) {
  for (const Shown shown : {Shown::neither, Shown::payer, Shown::payee}) {
    const std::string payload = payload_of(sign_receipt(receipt_of(sample(), shown), key()));
    int changed = 0;
    std::size_t run = 0;
    for (std::size_t at = 0; at < payload.size(); ++at) {
      run = std::string_view("0123456789abcdef").contains(payload[at]) ? run + 1 : 0;
      if (run != 32) continue;
      std::string text = payload;
      text[at] = text[at] == '0' ? '1' : '0';
      const auto verdict =
          verify_receipt(auth::sign_jws(text, "receipt+jwt", key()), key().public_keys());
      EXPECT_TRUE(code_of(verdict) == "not_in_batch" || code_of(verdict) == "bad_batch_hash") << at;
      ++changed;
    }
    // prev_hash, root, hash, three of the path, the note's blinding; the sides' own.
    EXPECT_EQ(changed, shown == Shown::payer ? 11 : 9);
  }
}

// An erased note leaves the transfer as provable as it was.
TEST(Receipt, OfAnErasedNoteProvesAllTheSame) {
  Batch batch = sample();
  Transfer& t = batch.transfers[2];
  t.note_hash = ledger::note_part(t.note, ledger::blinding_of(batch.row.secret, 2).note);
  t.note.clear();
  const std::string receipt = sign_receipt(receipt_of(batch, Shown::payer), key());
  EXPECT_FALSE(payload_of(receipt).contains("Lunch"));
  EXPECT_TRUE(payload_of(receipt).contains(R"("noteHash":")" + to_hex(*t.note_hash)));
  const auto read = verify_receipt(receipt, key().public_keys());
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->transfer.note, "");
  EXPECT_EQ(read->batch_hash, batch.row.hash());
  t.note_hash->front() ^= 1;
  EXPECT_FALSE(make_receipt(batch.row, batch.transfers, 2, Shown::payer, kEgp));
}

TEST(Receipt, AnyOtherCharacterIsRefused) {
  const std::string good = sign_receipt(receipt_of(sample(), Shown::payer), key());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    ASSERT_NE(code_of(verify_receipt(text, key().public_keys())), "genuine") << at;
  }
  for (const std::string& text : {std::string(), good + ".", good + "=", good.substr(1),
                                  std::string(kReceiptMax_bytes + 1, 'a')})
    EXPECT_EQ(code_of(verify_receipt(text, key().public_keys())), "malformed");
}

TEST(Receipt, KeysRotateAndStrangersHaveNone) {
  const std::string new_pem = SigningKeys::generate_pem(auth::Algorithm::es256),
                    old_pem = SigningKeys::generate_pem(auth::Algorithm::es256);
  const auto old_keys = *SigningKeys::from_pem(old_pem, auth::kReceiptKeys);
  const auto both = *SigningKeys::from_pem(new_pem + old_pem, auth::kReceiptKeys);
  const auto new_keys = *SigningKeys::from_pem(new_pem, auth::kReceiptKeys);
  const Receipt receipt = receipt_of(sample(), Shown::neither);
  const std::string by_old = sign_receipt(receipt, old_keys), by_new = sign_receipt(receipt, both);
  EXPECT_EQ(code_of(verify_receipt(by_old, both.public_keys())), "genuine");
  EXPECT_EQ(code_of(verify_receipt(by_new, both.public_keys())), "genuine");
  EXPECT_EQ(code_of(verify_receipt(by_new, new_keys.public_keys())), "genuine");
  EXPECT_EQ(code_of(verify_receipt(by_old, new_keys.public_keys())), "unknown_key");
}

TEST(Receipt, IsNoAccessTokenAndTheReverse) {
  // Even if one key did both, which the configuration refuses.
  const std::string receipt = sign_receipt(receipt_of(sample(), Shown::payer), key());
  EXPECT_FALSE(auth::verify_access_token(receipt, key().public_keys(), 0));
  const auth::Claims claims{.expires_at_s = 100};
  const std::string token = auth::issue_access_token(claims, key());
  ASSERT_TRUE(auth::verify_access_token(token, key().public_keys(), 0));
  EXPECT_EQ(code_of(verify_receipt(token, key().public_keys())), "malformed");
}

}  // namespace
}  // namespace instapay::transaction

#include "ledger/proof/chain.h"

#include <gtest/gtest.h>

#include <set>

#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"

namespace instapay::ledger {
namespace {

// The eight leaves of the reference implementation of RFC 6962 (Certificate Transparency).
std::vector<Hash256> reference_leaves() {
  const std::string inputs[] = {"",
                                std::string(1, '\0'),
                                "\x10",
                                "\x20\x21",
                                "\x30\x31",
                                "\x40\x41\x42\x43",
                                "\x50\x51\x52\x53\x54\x55\x56\x57",
                                "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  std::vector<Hash256> leaves;
  for (const auto& input : inputs) leaves.push_back(sha256(std::string(1, '\0') + input));
  return leaves;
}

TEST(Merkle, RootsOfRfc6962) {
  const auto leaves = reference_leaves();
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  for (std::size_t n = 0; n < std::size(roots); ++n)
    EXPECT_EQ(to_hex(merkle_root(std::span(leaves).first(n))), roots[n]) << n;
}

TEST(Merkle, PathsOfRfc6962) {
  const auto leaves = reference_leaves();
  const auto hex = [&](std::size_t index, std::size_t count) {
    std::vector<std::string> path;
    for (const auto& hash : merkle_path(std::span(leaves).first(count), index))
      path.push_back(to_hex(hash));
    return path;
  };
  EXPECT_EQ(hex(0, 1), std::vector<std::string>{});
  EXPECT_EQ(hex(0, 8), (std::vector<std::string>{
                           "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                           "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                           "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(hex(5, 8), (std::vector<std::string>{
                           "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                           "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(hex(2, 3), (std::vector<std::string>{
                           "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
}

TEST(Merkle, EveryPathLeadsToTheRootAndNoOtherDoes) {
  std::vector<Hash256> leaves;
  for (std::size_t n = 1; n <= 130; ++n) {
    leaves.push_back(sha256(std::to_string(n)));
    const Hash256 root = merkle_root(leaves);
    for (std::size_t i = 0; i < n; ++i) {
      const auto path = merkle_path(leaves, i);
      ASSERT_EQ(root_of_path(leaves[i], i, n, path), root) << i << " of " << n;
      ASSERT_NE(root_of_path(leaves[i], i + n, n, path), root) << "there is no such leaf";
      if (n == 1) continue;
      ASSERT_NE(root_of_path(leaves[i], (i + 1) % n, n, path), root);
      ASSERT_NE(root_of_path(leaves[(i + 1) % n], i, n, path), root);
      auto shorter = path;
      shorter.pop_back();
      ASSERT_NE(root_of_path(leaves[i], i, n, shorter), root);
      auto longer = path;
      longer.insert(longer.begin(), leaves[0]);
      ASSERT_NE(root_of_path(leaves[i], i, n, longer), root) << "nothing may be hidden in a path";
    }
  }
  EXPECT_EQ(root_of_path(leaves[0], 0, 0, {}), std::nullopt);
}

Transfer sample() {
  Transfer t;
  t.id = Uuid::reserved(1);
  t.payer = {Uuid::reserved(2)};
  t.payee = {Uuid::reserved(3)};
  t.refund_of = Uuid::reserved(4);
  t.reference = Uuid::reserved(5);
  t.actor = Uuid::reserved(6);
  t.amount = {7};
  t.kind = EntryKind::refund;
  t.note = "note";
  t.change = "{}";
  t.key = RequestKey{Uuid::reserved(6), Hash128{8}, Hash128{9}};
  t.refused_items = "1:insufficient_funds:0:0:0";
  t.created = {10};
  t.payer_side = {{11}, {12}, {13}, {14}, {15}};
  t.payee_side = {{16}, {17}, {18}, {19}, {20}};
  t.place = {21, 22, 23};
  return t;
}

const Hash256 kSecret = sha256("a secret");
constexpr const char* kCurrency = "EGP";
using Change = void (*)(Transfer&);

// What the payer alone knows, what the payee alone knows, and what both do.
constexpr Change kOfPayer[] = {
    [](Transfer& t) { ++t.payer_side.seq.value; },
    [](Transfer& t) { ++t.payer_side.balance.minor; },
    [](Transfer& t) { ++t.payer_side.held.minor; },
    [](Transfer& t) { ++t.payer_side.held_change.minor; },
    [](Transfer& t) { ++t.payer_side.sent_today.minor; },
    [](Transfer& t) { std::swap(t.payer_side.held, t.payer_side.balance); },
    [](Transfer& t) { t.key.reset(); },
    [](Transfer& t) { t.key->key.back() ^= 1; },
    [](Transfer& t) { t.key->request.back() ^= 1; },
    [](Transfer& t) { t.refused_items.clear(); },
};
constexpr Change kOfPayee[] = {
    [](Transfer& t) { ++t.payee_side.seq.value; },
    [](Transfer& t) { ++t.payee_side.balance.minor; },
    [](Transfer& t) { ++t.payee_side.held.minor; },
    [](Transfer& t) { ++t.payee_side.held_change.minor; },
    [](Transfer& t) { ++t.payee_side.sent_today.minor; },
};
constexpr Change kOfBoth[] = {
    [](Transfer& t) { t.id.bytes[0] ^= 1; },
    [](Transfer& t) { t.payer.uuid.bytes[0] ^= 1; },
    [](Transfer& t) { t.payee.uuid.bytes[15] ^= 1; },
    [](Transfer& t) { std::swap(t.payer, t.payee); },
    [](Transfer& t) { t.refund_of = {}; },
    [](Transfer& t) { t.reference = {}; },
    [](Transfer& t) { std::swap(t.reference, t.refund_of); },
    [](Transfer& t) { t.actor = {}; },
    [](Transfer& t) { ++t.amount.minor; },
    [](Transfer& t) { t.amount = -t.amount; },
    [](Transfer& t) { t.kind = EntryKind::transfer; },
    [](Transfer& t) { t.change += ' '; },
    [](Transfer& t) { ++t.created.us; },
    [](Transfer& t) { ++t.place.chain_id; },
    [](Transfer& t) { ++t.place.batch_seq; },
    [](Transfer& t) { ++t.place.position; },
};
constexpr Change kOfNote[] = {
    [](Transfer& t) { t.note += '.'; },
    [](Transfer& t) { t.note.clear(); },
    [](Transfer& t) { t.note_hash = Hash256{}; },
};

Transfer changed(Change change) {
  Transfer t = sample();
  change(t);
  return t;
}

TEST(LeafHash, CoversEveryField) {
  const Hash256 hash = leaf_hash(sample(), kCurrency, kSecret);
  EXPECT_EQ(hash, leaf_hash(sample(), kCurrency, kSecret));
  EXPECT_NE(hash, leaf_hash(sample(), kCurrency, sha256("another")));
  EXPECT_NE(hash, leaf_hash(sample(), "USD", kSecret));
  std::set<Hash256> seen{hash};
  for (const std::span<const Change> changes :
       {std::span<const Change>(kOfPayer), std::span<const Change>(kOfPayee),
        std::span<const Change>(kOfBoth), std::span<const Change>(kOfNote)})
    for (std::size_t i = 0; i < changes.size(); ++i)
      EXPECT_TRUE(seen.insert(leaf_hash(changed(changes[i]), kCurrency, kSecret)).second)
          << "change " << i;
  Transfer answered = sample();
  answered.replayed = true;  // says how it was answered, not what happened
  EXPECT_EQ(leaf_hash(answered, kCurrency, kSecret), hash);
}

TEST(LeafHash, OfANoteThatWasErasedIsTheSame) {
  Transfer erased = sample();
  erased.note_hash = note_part(erased.note, blinding_of(kSecret, erased.place.position).note);
  erased.note.clear();
  EXPECT_EQ(leaf_hash(erased, kCurrency, kSecret), leaf_hash(sample(), kCurrency, kSecret));
}

// What somebody has who sees a receipt of the other side, or of neither.
TEST(LeafHash, IsProvenWithoutWhatOneSideAloneKnows) {
  const Transfer t = sample();
  const LeafParts parts = parts_of(t, blinding_of(kSecret, t.place.position));
  Transfer shown = t;
  shown.payer_side = shown.payee_side = {};
  shown.key.reset();
  shown.refused_items.clear();
  shown.note.clear();
  const Hash256 hash = leaf_hash(t, kCurrency, kSecret);
  EXPECT_EQ(leaf_hash(shown, kCurrency, parts), hash);
  // The parts stand each in its own place.
  EXPECT_NE(leaf_hash(shown, kCurrency, {parts.payee, parts.payer, parts.note}), hash);
  EXPECT_NE(leaf_hash(shown, kCurrency, {parts.payer, parts.note, parts.payee}), hash);
}

TEST(LeafHash, PrivatePartsCoverWhatTheyHideAndTheirBlinding) {
  const Blinding blinding = blinding_of(kSecret, 23);
  const LeafParts parts = parts_of(sample(), blinding);
  EXPECT_NE(parts.payer, payer_part(sample(), blinding.payee));
  EXPECT_NE(parts.payee, payee_part(sample(), blinding.payer));
  EXPECT_NE(parts.note, note_part(sample().note, blinding.payer));
  for (const Change change : kOfPayer) {
    const LeafParts other = parts_of(changed(change), blinding);
    EXPECT_NE(other.payer, parts.payer);
    EXPECT_EQ(other.payee, parts.payee);
    EXPECT_EQ(other.note, parts.note);
  }
  for (const Change change : kOfPayee) {
    const LeafParts other = parts_of(changed(change), blinding);
    EXPECT_EQ(other.payer, parts.payer);
    EXPECT_NE(other.payee, parts.payee);
    EXPECT_EQ(other.note, parts.note);
  }
  for (const Change change : kOfNote) {
    const LeafParts other = parts_of(changed(change), blinding);
    EXPECT_EQ(other.payer, parts.payer);
    EXPECT_EQ(other.payee, parts.payee);
    EXPECT_NE(other.note, parts.note);
  }
  for (const Change change : kOfBoth) {
    const LeafParts other = parts_of(changed(change), blinding);
    EXPECT_EQ(other.payer, parts.payer);
    EXPECT_EQ(other.payee, parts.payee);
    EXPECT_EQ(other.note, parts.note);
  }
  // A payer and a payee with the same state have different parts.
  Transfer alike = sample();
  alike.key.reset();
  alike.payee_side = alike.payer_side;
  EXPECT_NE(payer_part(alike, blinding.payer), payee_part(alike, blinding.payer));
}

// A balance is easily guessed; it must take the blinding to see that a guess is right. So each
// transfer of each batch, and each of its parts, has one that no other has.
TEST(Blinding, IsDifferentForEveryPartOfEveryTransfer) {
  std::set<Hash128> seen;
  for (const auto* secret : {"one", "two", "three"})
    for (std::int32_t position = 0; position < 500; ++position) {
      const Blinding blinding = blinding_of(sha256(secret), position);
      EXPECT_TRUE(seen.insert(blinding.payer).second);
      EXPECT_TRUE(seen.insert(blinding.payee).second);
      EXPECT_TRUE(seen.insert(blinding.note).second);
    }
  EXPECT_FALSE(seen.contains(Hash128{}));
}

TEST(BatchHash, CoversEveryField) {
  const BatchRow row{1, 2, sha256("prev"), sha256("root"), 3, false, {4}};
  const auto changes = std::to_array<void (*)(BatchRow&)>({
      [](BatchRow& r) { ++r.chain_id; },
      [](BatchRow& r) { ++r.seq; },
      [](BatchRow& r) { r.prev_hash[31] ^= 1; },
      [](BatchRow& r) { r.merkle_root[0] ^= 1; },
      [](BatchRow& r) { ++r.transfer_count; },
      [](BatchRow& r) { r.is_void = true; },
      [](BatchRow& r) { ++r.committed.us; },
  });
  for (std::size_t i = 0; i < changes.size(); ++i) {
    BatchRow changed = row;
    changes[i](changed);
    EXPECT_NE(changed.hash(), row.hash()) << "change " << i;
  }
  // The leaves cover the secret: a receipt shows the batch, and not it.
  BatchRow blinded = row;
  blinded.secret = kSecret;
  EXPECT_EQ(blinded.hash(), row.hash());
  EXPECT_NE(genesis_hash(1), genesis_hash(2));
}

}  // namespace
}  // namespace instapay::ledger

#include <gtest/gtest.h>

#include <set>

#include "ledger/chain.h"

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
  t.payer = Uuid::reserved(2);
  t.payee = Uuid::reserved(3);
  t.refund_of = Uuid::reserved(4);
  t.amount_minor = 5;
  t.kind = TransferKind::refund;
  t.note = "note";
  t.key = Hash128{6};
  t.request_hash = Hash128{7};
  t.created_us = 8;
  t.payer_balance_minor = 9;
  t.payee_balance_minor = 10;
  t.chain_id = 11;
  t.batch_seq = 12;
  t.position = 13;
  return t;
}

const Hash256 kSecret = sha256("a secret");

TEST(LeafHash, CoversEveryField) {
  const Hash256 hash = leaf_hash(sample(), kSecret);
  EXPECT_EQ(hash, leaf_hash(sample(), kSecret));
  EXPECT_NE(hash, leaf_hash(sample(), sha256("another")));
  const auto changes = std::to_array<void (*)(Transfer&)>({
      [](Transfer& t) { t.id.bytes[0] ^= 1; },
      [](Transfer& t) { t.payer.bytes[0] ^= 1; },
      [](Transfer& t) { t.payee.bytes[15] ^= 1; },
      [](Transfer& t) { std::swap(t.payer, t.payee); },
      [](Transfer& t) { t.refund_of = {}; },
      [](Transfer& t) { ++t.amount_minor; },
      [](Transfer& t) { t.amount_minor = -t.amount_minor; },
      [](Transfer& t) { t.kind = TransferKind::transfer; },
      [](Transfer& t) { t.note += '.'; },
      [](Transfer& t) { t.note.clear(); },
      [](Transfer& t) { t.key.reset(); },
      [](Transfer& t) { t.key->back() ^= 1; },
      [](Transfer& t) { t.request_hash.back() ^= 1; },
      [](Transfer& t) { ++t.created_us; },
      [](Transfer& t) { ++t.payer_balance_minor; },
      [](Transfer& t) { ++t.payee_balance_minor; },
      [](Transfer& t) { ++t.chain_id; },
      [](Transfer& t) { ++t.batch_seq; },
      [](Transfer& t) { ++t.position; },
  });
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Transfer changed = sample();
    changes[i](changed);
    EXPECT_NE(leaf_hash(changed, kSecret), hash) << "change " << i;
  }
  Transfer answered = sample();
  answered.replayed = true;  // says how it was answered, not what happened
  EXPECT_EQ(leaf_hash(answered, kSecret), hash);
}

// What somebody has who sees a receipt of the other side, or of neither.
TEST(LeafHash, IsProvenWithoutWhatOneSideAloneKnows) {
  const Transfer t = sample();
  const Blinding blinding = blinding_of(kSecret, t.position);
  const PrivateParts parts{payer_part(t, blinding.payer), payee_part(t, blinding.payee)};
  Transfer shown = t;
  shown.payer_balance_minor = shown.payee_balance_minor = 0;
  shown.key.reset();
  shown.request_hash = {};
  EXPECT_EQ(leaf_hash(shown, parts), leaf_hash(t, kSecret));
  // The parts stand each in its own place.
  EXPECT_NE(leaf_hash(shown, {parts.payee, parts.payer}), leaf_hash(t, kSecret));
}

TEST(LeafHash, PrivatePartsCoverWhatTheyHideAndTheirBlinding) {
  const Blinding blinding = blinding_of(kSecret, 13);
  const Hash256 payer = payer_part(sample(), blinding.payer);
  const Hash256 payee = payee_part(sample(), blinding.payee);
  EXPECT_NE(payer, payer_part(sample(), blinding.payee));
  EXPECT_NE(payee, payee_part(sample(), blinding.payer));
  const auto changed = [](auto change) {
    Transfer t = sample();
    change(t);
    return t;
  };
  for (const Transfer& t : {changed([](Transfer& x) { ++x.payer_balance_minor; }),
                            changed([](Transfer& x) { x.key.reset(); }),
                            changed([](Transfer& x) { x.key = Hash128{}; }),
                            changed([](Transfer& x) { x.request_hash = {}; })}) {
    EXPECT_NE(payer_part(t, blinding.payer), payer);
    EXPECT_EQ(payee_part(t, blinding.payee), payee);
  }
  const Transfer richer = changed([](Transfer& x) { ++x.payee_balance_minor; });
  EXPECT_NE(payee_part(richer, blinding.payee), payee);
  EXPECT_EQ(payer_part(richer, blinding.payer), payer);
}

// A balance is easily guessed; it must take the blinding to see that a guess is right. So each
// transfer of each batch, and each of its sides, has one that no other has.
TEST(Blinding, IsDifferentForEverySideOfEveryTransfer) {
  std::set<Hash128> seen;
  for (const auto* secret : {"one", "two", "three"})
    for (std::int32_t position = 0; position < 500; ++position) {
      const Blinding blinding = blinding_of(sha256(secret), position);
      EXPECT_TRUE(seen.insert(blinding.payer).second);
      EXPECT_TRUE(seen.insert(blinding.payee).second);
    }
  EXPECT_FALSE(seen.contains(Hash128{}));
}

TEST(BatchHash, CoversEveryField) {
  const BatchRow row{1, 2, sha256("prev"), sha256("root"), 3, false, 4};
  const auto changes = std::to_array<void (*)(BatchRow&)>({
      [](BatchRow& r) { ++r.chain_id; },
      [](BatchRow& r) { ++r.seq; },
      [](BatchRow& r) { r.prev_hash[31] ^= 1; },
      [](BatchRow& r) { r.merkle_root[0] ^= 1; },
      [](BatchRow& r) { ++r.transfer_count; },
      [](BatchRow& r) { r.is_void = true; },
      [](BatchRow& r) { ++r.committed_us; },
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

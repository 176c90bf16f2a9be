#include "net/idempotency.h"

#include <gtest/gtest.h>

#include "core/limits.h"

namespace instapay::net {
namespace {

Request request_with(const std::vector<std::string>& keys) {
  Request request;
  for (const std::string& key : keys) request.add_header("idempotency-key", key);
  return request;
}
Hash128 hash_of(std::string method, std::string_view route, std::vector<std::string> params) {
  Request request;
  request.method_name = std::move(method);
  request.route = route;
  request.params = std::move(params);
  return request_hash(canonical_request(request));
}

TEST(IdempotencyKey, IsOneToManyVisibleCharacters) {
  for (const std::string& key : {std::string("!"), std::string("~"), std::string("\"quoted\""),
                                 std::string(kIdempotencyKeyMax_bytes, 'k')}) {
    const auto read = idempotency_key(request_with({key}));
    ASSERT_TRUE(read && *read) << key;
    EXPECT_EQ(**read, sha256_half(key));
  }
  for (const std::string& key :
       {std::string(), std::string("two words"), std::string("tab\t"), std::string("\x7f"),
        std::string("caf\xc3\xa9"), std::string(kIdempotencyKeyMax_bytes + 1, 'k')}) {
    const auto bad = idempotency_key(request_with({key}));
    ASSERT_FALSE(bad) << key;
    EXPECT_EQ(bad.error().code, Code::idempotency_key_invalid);
  }
}

TEST(IdempotencyKey, IsSentOnceOrNotAtAll) {
  const auto none = idempotency_key(request_with({}));
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  const auto two = idempotency_key(request_with({"a", "a"}));
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, Code::idempotency_key_invalid);
}

TEST(CanonicalRequest, BeginsWithMethodRouteAndWhatIsInThePath) {
  const Hash128 hash = hash_of("POST", "/transfers/{id}/refund", {"a1-b2"});
  EXPECT_EQ(hash, hash_of("POST", "/transfers/{id}/refund", {"A1-B2"})) << "ids in either case";
  EXPECT_NE(hash, hash_of("PUT", "/transfers/{id}/refund", {"a1-b2"}));
  EXPECT_NE(hash, hash_of("POST", "/transfers/{id}/refund", {"a1-b3"}));
  EXPECT_NE(hash, hash_of("POST", "/transfers/{id}/hold", {"a1-b2"}));
  EXPECT_NE(hash_of("A", "BC", {}), hash_of("AB", "C", {})) << "each says how long it is";
}

TEST(CanonicalRequest, GoesOnWithWhatTheHandlerAdds) {
  const Request request;
  const auto hash = [&](auto add) {
    HashInput input = canonical_request(request);
    add(input);
    return request_hash(input);
  };
  const Hash128 one = hash([](HashInput& input) { input.text("amal").number(1250, 8); });
  EXPECT_EQ(one, hash([](HashInput& input) { input.text("amal").number(1250, 8); }));
  EXPECT_NE(one, hash([](HashInput& input) { input.text("amal").number(1251, 8); }));
  EXPECT_NE(one, hash([](HashInput& input) { input.number(1250, 8).text("amal"); }));
  EXPECT_NE(one, hash([](HashInput&) {}));
}

}  // namespace
}  // namespace instapay::net

// What authenticators answer: attestation objects, their data, and keys. What is accepted is held
// to what it says of itself; nothing is read beyond the input.
#include <algorithm>
#include <cstdint>

#include "auth/authenticator_data.h"
#include "auth/cbor.h"
#include "auth/cose_key.h"
#include "fuzz/expect.h"

namespace {

using namespace instapay::auth;
using ByteSpan = std::span<const std::uint8_t>;

bool is_inside(ByteSpan part, ByteSpan whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_key(ByteSpan bytes) {
  const auto key = CoseKey::parse(bytes);
  if (!key) return;
  fuzz::expect(std::ranges::find(kCoseAlgorithms, key->algorithm()) != std::end(kCoseAlgorithms));
  fuzz::expect(bytes.size() <= kCoseKeyMax_bytes);
  fuzz::expect(!key->verify(bytes, {}));
  std::ignore = key->verify(bytes, bytes);
}

void check_data(ByteSpan bytes) {
  const auto data = AuthenticatorData::parse(bytes);
  if (!data) return;
  fuzz::expect(data->backup_eligible || !data->backed_up);
  if (!data->credential) return;
  const AttestedCredential& credential = *data->credential;
  fuzz::expect(!credential.id.empty() && credential.id.size() <= kCredentialIdMax_bytes);
  fuzz::expect(is_inside(credential.id, bytes) && is_inside(credential.public_key, bytes));
  check_key(credential.public_key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const ByteSpan input(bytes, size);
  CborReader reader(input);
  if (const auto item = reader.any()) {
    fuzz::expect(!item->empty() && item->size() + reader.rest().size() == size);
    // The same once more, and nothing less of it.
    CborReader again(*item), shorter(item->first(item->size() - 1));
    fuzz::expect(again.any().has_value() && again.is_finished() && !shorter.any());
  }
  check_key(input);
  check_data(input);
  if (const auto object = AttestationObject::parse(input)) {
    fuzz::expect(is_inside(object->statement, input));
    fuzz::expect(is_inside(object->authenticator_data, input));
    check_data(object->authenticator_data);
  }
  return 0;
}

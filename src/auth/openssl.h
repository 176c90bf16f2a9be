#pragma once
// Owners and small helpers around OpenSSL 3; included by .cpp files of auth/ only.
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/sha256.h"

namespace instapay::auth {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using CipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using ParamBuildPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpensslFree<OSSL_PARAM_free>>;
using MdPtr = std::unique_ptr<EVP_MD, OpensslFree<EVP_MD_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;

// For what cannot fail unless memory or the library is broken.
inline void require(bool ok, const char* what) {
  if (ok) return;
  ERR_clear_error();
  throw std::runtime_error(std::string("OpenSSL: ") + what);
}

using ByteSpan = std::span<const std::uint8_t>;

inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Hash256 hmac_sha256(ByteSpan key, ByteSpan message) {
  Hash256 mac{};
  unsigned size = mac.size();
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(),
               message.size(), mac.data(), &size) != nullptr,
          "HMAC");
  return mac;
}

}  // namespace instapay::auth

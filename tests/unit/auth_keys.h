#pragma once
// The keys of RFC 7515 appendix A.3 (P-256) and A.2 (RSA): published, so they are no secrets and
// open nothing.
#include <string>
#include <string_view>

namespace instapay::auth::testing {

inline constexpr std::string_view kRfcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
inline constexpr std::string_view kRfcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
// SHA-256 over RFC 7638's canonical form of that key, computed with another implementation.
inline constexpr std::string_view kRfcThumbprint = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

inline std::string pem(const std::string& label, const std::string& body) {
  return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

inline std::string rfc_key_sec1() {
  return pem("EC PRIVATE KEY",
             "MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n"
             "AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b\n"
             "focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==");
}

inline std::string rfc_key_pkcs8() {
  return pem("PRIVATE KEY",
             "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
             "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
             "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt");
}

inline std::string ec_parameters() { return pem("EC PARAMETERS", "BggqhkjOPQMBBw=="); }

inline std::string rfc_jwk(std::string_view extra = "") {
  return std::string(R"({"kty":"EC","crv":"P-256","x":")")
      .append(kRfcX)
      .append(R"(","y":")")
      .append(kRfcY)
      .append("\"")
      .append(extra)
      .append("}");
}

inline constexpr std::string_view kRfcModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d"
    "4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexM"
    "dbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvU"
    "K-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
// Both thumbprints were computed with another implementation.
inline constexpr std::string_view kRfcRsaThumbprint = "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8";

inline std::string rfc_rsa_jwk(std::string_view extra = "", std::string_view modulus = kRfcModulus,
                               std::string_view exponent = "AQAB") {
  return std::string(R"({"kty":"RSA","n":")")
      .append(modulus)
      .append(R"(","e":")")
      .append(exponent)
      .append("\"")
      .append(extra)
      .append("}");
}

inline std::string jwks(const std::string& keys) { return "{\"keys\":[" + keys + "]}"; }

}  // namespace instapay::auth::testing

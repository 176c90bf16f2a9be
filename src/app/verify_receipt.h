#pragma once
// `instapay verify-receipt`: checks a receipt without the platform, its database or a network.
#include <string>

namespace instapay::app {

struct ReceiptCheck {
  std::string file;        // "-": standard input
  std::string jwks;        // file or URL
  std::string chain_hash;  // noted earlier, in hex; empty: none
  bool json = false;
};

/// The exit code: 0 genuine, 1 not, or not to be read.
int verify_receipt_command(const ReceiptCheck& check);

}  // namespace instapay::app

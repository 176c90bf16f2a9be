#include "auth/development_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "auth/signing_key.h"

namespace instapay::auth {

std::string development_key(const std::filesystem::path& data_dir, std::string_view name) {
  const auto path = data_dir / name;
  std::error_code ignored;
  std::filesystem::create_directories(data_dir, ignored);
  // Whoever creates the file first fills it; others read it.
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    const std::string pem = SigningKeys::generate_pem();
    const bool written = write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size());
    close(file);
    if (written) return pem;
  }
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace instapay::auth

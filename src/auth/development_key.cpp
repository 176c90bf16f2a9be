#include "auth/development_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/error.h"

namespace instapay::auth {
namespace {

namespace fs = std::filesystem;

std::expected<std::string, std::string> development_key(const fs::path& dir, const fs::path& path,
                                                        Algorithm algorithm) {
  const auto unusable = [&](const std::string& why) {
    return std::unexpected(data_dir_unusable(dir.string(), why));
  };
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return unusable(error.message());
  if (!fs::exists(path, error)) {
    // Written under a name of its own first, so that nobody reads half a key; whose name comes
    // first is everybody's key.
    const fs::path draft = path.string() + "." + std::to_string(getpid());
    const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return unusable(std::generic_category().message(errno));
    const std::string pem = SigningKeys::generate_pem(algorithm);
    const bool done = write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) &&
                      (link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int why = errno;
    close(file);
    fs::remove(draft, error);
    if (!done) return unusable(std::generic_category().message(why));
  }
  std::ifstream stream(path);
  if (!stream) return std::unexpected("cannot read the key in " + path.string());
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

std::expected<SigningKeys, std::string> signing_keys_of(const KeyPurpose& purpose,
                                                        const std::string& pem,
                                                        const fs::path& data_dir) {
  std::string source(purpose.setting), text = pem;
  if (pem.empty()) {
    const fs::path dir = fs::absolute(data_dir), path = dir / purpose.development_file;
    auto made = development_key(dir, path, purpose.algorithms.front());
    if (!made) return std::unexpected(std::move(made.error()));
    source = "the key in " + path.string();
    text = *std::move(made);
  }
  auto keys = SigningKeys::from_pem(text, purpose);
  if (!keys) return std::unexpected(source + " is not usable: " + keys.error());
  return keys;
}

}  // namespace instapay::auth

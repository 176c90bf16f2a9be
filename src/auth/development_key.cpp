#include "auth/development_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/error.h"

namespace instapay::auth {
namespace fs = std::filesystem;

std::expected<std::string, std::string> development_secret(
    const fs::path& path, const std::function<std::string()>& make) {
  const fs::path dir = path.parent_path();
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
    const std::string secret = make();
    const bool done =
        write(file, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
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

std::expected<SigningKeys, std::string> signing_keys_of(const KeyPurpose& purpose,
                                                        const std::string& pem,
                                                        const fs::path& data_dir) {
  std::string source(purpose.setting), text = pem;
  if (pem.empty()) {
    const fs::path path = fs::absolute(data_dir) / purpose.development_file;
    auto made = development_secret(
        path, [&] { return SigningKeys::generate_pem(purpose.algorithms.front()); });
    if (!made) return std::unexpected(std::move(made.error()));
    source = "the key in " + path.string();
    text = *std::move(made);
  }
  auto keys = SigningKeys::from_pem(text, purpose);
  if (!keys) return std::unexpected(source + " is not usable: " + keys.error());
  return keys;
}

}  // namespace instapay::auth

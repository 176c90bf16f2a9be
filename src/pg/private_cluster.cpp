#include "pg/private_cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "assets.h"
#include "core/error.h"
#include "core/sha256.h"
#include "core/time.h"
#include "core/uuid.h"
#include "telemetry/log.h"

namespace instapay::pg {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStartMax_us = 60 * kSecond_us;
constexpr std::int64_t kStopMax_us = 10 * kSecond_us;
constexpr std::size_t kSocketPathMax_bytes = 90;  // sun_path has 108, the socket's name needs some
constexpr std::string_view kOwner = "instapay";

// PostgreSQL refuses to run as root: then it runs as its own user. Reading and searching stay
// allowed, so that the data directory may lie below a home only root may enter.
void become_unprivileged(const passwd& user) {
  prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (setresgid(user.pw_gid, user.pw_gid, user.pw_gid) != 0 ||
      setresuid(user.pw_uid, user.pw_uid, user.pw_uid) != 0)
    _exit(126);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[0].permitted = data[0].effective = data[0].inheritable = 1U << CAP_DAC_READ_SEARCH;
  if (syscall(SYS_capset, &header, data) == 0)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0);
}

const passwd* server_user() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

// Starts a program with its output in a file; in a session of its own, so that Ctrl-C in our
// terminal does not reach it before we say so, and ended by the kernel should we die. Negative when
// there can be no further process; errno says why.
pid_t spawn(const std::vector<std::string>& command, const fs::path& output) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const passwd* user = server_user();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  setsid();
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (dup2(file, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0 ||
      dup2(nothing, STDIN_FILENO) < 0)
    _exit(126);
  if (user != nullptr) become_unprivileged(*user);
  prctl(PR_SET_PDEATHSIG, SIGINT);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

// Until it has ended; its status.
int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void give_to_server(const fs::path& path) {
  if (const passwd* user = server_user())
    if (chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
      log::warn("cannot give a file to the database's user", {{"file.path", path.string()}});
}

// The newest installed server.
fs::path find_binaries() {
  fs::path best;
  int best_version = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best_version && fs::exists(entry.path() / "bin/initdb")) {
      best_version = version;
      best = entry.path() / "bin";
    }
  }
  if (best.empty() && fs::exists("/usr/local/bin/initdb")) best = "/usr/local/bin";
  return best;
}

// Where the socket of a data directory lives: inside, unless its path is too long for a socket.
fs::path socket_dir_of(const fs::path& dir) {
  fs::path inside = dir / "run";
  if (inside.string().size() <= kSocketPathMax_bytes) return inside;
  return fs::path("/tmp") / ("instapay-" + to_hex(sha256_half(dir.string())));
}

std::string url_of(const fs::path& dir, std::string_view password) {
  return fmt::format("host={} user={} password={} dbname={}", socket_dir_of(dir).string(), kOwner,
                     password, "postgres");
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A new file that only we can read. Never through a link, and never a file that was there before.
std::expected<void, std::string> write_secret(const fs::path& path, std::string_view content) {
  unlink(path.c_str());
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const auto size = static_cast<ssize_t>(content.size());
  const bool written = file >= 0 && write(file, content.data(), content.size()) == size;
  const std::string why = std::generic_category().message(errno);
  if (file >= 0) close(file);
  if (!written) return std::unexpected(fmt::format("cannot write {}: {}", path.string(), why));
  return {};
}

// The directory of the socket is ours, or the server's, alone: one in /tmp has a name that others
// can foresee and may have made before.
std::expected<void, std::string> make_socket_dir(const fs::path& path) {
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(fmt::format("cannot use {}: {}", path.string(), why));
  };
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return refuse(std::generic_category().message(errno));
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) return refuse(std::generic_category().message(errno));
  const passwd* server = server_user();
  const bool ours =
      found.st_uid == geteuid() || (server != nullptr && found.st_uid == server->pw_uid);
  if (!S_ISDIR(found.st_mode) || !ours) return refuse("it belongs to somebody else");
  give_to_server(path);
  std::error_code error;
  fs::permissions(path, fs::perms::owner_all, error);
  if (error) return refuse(error.message());
  return {};
}

}  // namespace

std::string private_cluster_url(const fs::path& data_dir) {
  std::error_code error;
  const fs::path dir = fs::absolute(data_dir, error);
  const std::string password = read_file(dir / "postgres.password");
  return password.empty() ? std::string() : url_of(dir, password);
}

std::expected<std::unique_ptr<PrivateCluster>, std::string> PrivateCluster::start(
    const fs::path& data_dir) {
  std::unique_ptr<PrivateCluster> cluster(new PrivateCluster);
  cluster->dir_ = fs::absolute(data_dir);
  if (auto prepared = cluster->prepare(); !prepared) return std::unexpected(prepared.error());
  cluster->supervisor_ = std::thread([c = cluster.get()] { c->supervise(); });
  if (auto ready = cluster->wait_ready(); !ready) return std::unexpected(ready.error());
  return cluster;
}

std::expected<void, std::string> PrivateCluster::prepare() {
  bin_dir_ = find_binaries();
  if (bin_dir_.empty())
    return std::unexpected(
        "PostgreSQL is not installed (Debian package postgresql-15), and DATABASE_URL is not set");
  cluster_dir_ = dir_ / "postgres";
  socket_dir_ = socket_dir_of(dir_);
  log_file_ = dir_ / "postgres.log";
  std::error_code error;
  fs::create_directories(dir_, error);
  if (error) return std::unexpected(data_dir_unusable(dir_.string(), error.message()));
  lock_ = open((dir_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0)
    return std::unexpected(
        data_dir_unusable(dir_.string(), std::generic_category().message(errno)));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0)
    return std::unexpected(
        fmt::format("the data directory {} is in use by another instapay; stop it or set DATA_DIR",
                    dir_.string()));
  if (auto made = make_socket_dir(socket_dir_); !made) return made;
  if (auto ended = end_orphan(); !ended) return ended;
  if (!fs::exists(cluster_dir_ / "PG_VERSION"))
    if (auto made = init(); !made) return made;
  password_ = read_file(dir_ / "postgres.password");
  url_ = url_of(dir_, password_);
  for (const auto& [path, text] : assets::kFiles)
    if (path == "db/postgresql.conf") {
      std::ofstream(cluster_dir_ / "instapay.conf") << text;
      give_to_server(cluster_dir_ / "instapay.conf");
    }
  return {};
}

// A server that outlived its process (killed with -9) is on its way out: the data directory is ours
// by the lock, so it is asked to hurry and waited for.
std::expected<void, std::string> PrivateCluster::end_orphan() const {
  const int pid = std::atoi(read_file(cluster_dir_ / "postmaster.pid").c_str());
  const auto alive = [&] {
    const std::string command = read_file(fmt::format("/proc/{}/cmdline", pid));
    return pid > 0 && command.find(cluster_dir_.string()) != std::string::npos;
  };
  const std::int64_t until_us = monotonic_us() + kStopMax_us;
  for (; alive(); std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    kill(pid, SIGINT);
    if (monotonic_us() > until_us)
      return std::unexpected(fmt::format("an earlier PostgreSQL (process {}) does not stop", pid));
  }
  return {};
}

std::expected<void, std::string> PrivateCluster::init() {
  std::error_code error;
  fs::remove_all(cluster_dir_, error);  // a first start that was cut short
  fs::create_directories(cluster_dir_, error);
  give_to_server(cluster_dir_);
  const std::string password = to_hex(Uuid::random().bytes) + to_hex(Uuid::random().bytes);
  const fs::path pwfile = dir_ / "initdb.password";
  for (const fs::path& path : {dir_ / "postgres.password", pwfile})
    if (auto written = write_secret(path, password); !written) return written;
  give_to_server(pwfile);
  const pid_t pid = spawn({bin_dir_ / "initdb", "-D", cluster_dir_, "-U", std::string(kOwner),
                           "--pwfile=" + pwfile.string(), "--auth=scram-sha-256", "--encoding=UTF8",
                           "--locale=C.UTF-8", "--data-checksums"},
                          log_file_);
  const int fork_error = errno;
  const int status = pid < 0 ? 0 : wait_for(pid);
  fs::remove(pwfile, error);
  if (pid < 0)
    return std::unexpected("cannot start initdb: " + std::generic_category().message(fork_error));
  if (status != 0) {
    const std::string why = last_log_line();
    fs::remove_all(cluster_dir_, error);
    return std::unexpected("cannot make the database cluster: " + why);
  }
  std::ofstream(cluster_dir_ / "postgresql.conf", std::ios::app)
      << "include_if_exists = 'instapay.conf'\n";
  return {};
}

// Starts the server and starts it again whenever it ends, until told to stop. One thread for all
// of it: the kernel ends a child when the thread that made it ends.
void PrivateCluster::supervise() {
  for (int failures = 0; !stopping_;) {
    const std::int64_t begun_us = monotonic_us();
    const pid_t pid =
        spawn({bin_dir_ / "postgres", "-D", cluster_dir_, "-c", "listen_addresses=", "-c",
               "unix_socket_directories=" + socket_dir_.string()},
              log_file_);
    if (pid < 0) {
      log::error("cannot start PostgreSQL",
                 {{"error.message", std::generic_category().message(errno)}});
    } else {
      pid_ = pid;
      wait_for(pid);
      pid_ = 0;
    }
    if (stopping_) break;
    ended_ = true;
    failures = monotonic_us() - begun_us > 10 * kSecond_us ? 0 : failures + 1;
    log::error("the private PostgreSQL ended; starting it again",
               {{"error.message", last_log_line()}});
    for (int i = 0; i < std::min(failures, 20) && !stopping_; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::expected<void, std::string> PrivateCluster::wait_ready() {
  const std::int64_t until_us = monotonic_us() + kStartMax_us;
  while (PQping(url_.c_str()) != PQPING_OK) {
    if (ended_) {
      stopping_ = true;
      return std::unexpected("PostgreSQL does not start: " + last_log_line());
    }
    if (monotonic_us() > until_us)
      return std::unexpected("PostgreSQL does not answer; see " + log_file_.string());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return {};
}

PrivateCluster::~PrivateCluster() {
  stopping_ = true;
  const std::int64_t until_us = monotonic_us() + kStopMax_us;
  if (const int pid = pid_; pid > 0) kill(pid, SIGINT);  // fast shutdown
  while (pid_ > 0 && monotonic_us() < until_us)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (const int pid = pid_; pid > 0) kill(pid, SIGQUIT);  // immediate: recovers at the next start
  if (supervisor_.joinable()) supervisor_.join();
  if (lock_ >= 0) close(lock_);
}

std::string PrivateCluster::last_log_line() const {
  std::string text = read_file(log_file_);
  while (text.ends_with('\n')) text.pop_back();
  // FATAL and error lines say why; hints and the like come after them.
  const auto fatal = std::max(text.rfind("FATAL:") + 1, text.rfind("error:") + 1);
  if (fatal > 0) text = text.substr(fatal - 1);
  return text.substr(0, text.find('\n'));
}

}  // namespace instapay::pg

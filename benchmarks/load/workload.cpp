#include "workload.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::string_view kHost = "Host: 127.0.0.1\r\n";

/// Who pays whom, with which token. The two sides always differ.
struct Pair {
  std::uint32_t payer = 0, payee = 0, token = 0;
};

/// Draws pairs of one kind: the kinds are those of WorkloadOptions.
class Pairs {
 public:
  Pairs(const WorkloadOptions& options, std::size_t accounts, std::size_t tokens)
      : count_(static_cast<std::uint32_t>(options.among >= 2 ? std::min(options.among, accounts)
                                                             : accounts)),
        tokens_(static_cast<std::uint32_t>(tokens)),
        random_(options.seed) {
    if (options.pairs == "merchant") {
      draw_ = &Pairs::to_merchant;
    } else if (options.pairs == "payer") {
      draw_ = &Pairs::from_payer;
    } else if (options.pairs == "zipf") {
      zipf_.emplace_back(accounts, options.zipf);
      draw_ = &Pairs::by_zipf;
    } else if (options.pairs == "round") {
      draw_ = &Pairs::round;
    } else if (options.pairs == "token") {
      shuffle();
      draw_ = &Pairs::by_token;
    } else if (options.pairs == "once") {
      shuffle();
      draw_ = &Pairs::once;
    } else if (options.pairs != "uniform") {
      throw std::runtime_error("no such pairs: " + options.pairs);
    }
  }

  /// Nothing when they have run out.
  std::optional<Pair> draw() {
    auto pair = (this->*draw_)();
    while (pair && pair->payer == pair->payee) pair = (this->*draw_)();
    return pair;
  }

 private:
  using Drawn = std::optional<Pair>;
  static Drawn of(std::uint32_t payer, std::uint32_t payee) { return Pair{payer, payee, payer}; }

  Drawn uniform() { return of(random_.below(count_), random_.below(count_)); }
  Drawn to_merchant() { return of(random_.below(count_), 0); }
  Drawn from_payer() { return of(0, random_.below(count_)); }
  // The two sides rank the accounts alike: who pays most is also paid most, so nobody runs dry.
  Drawn by_zipf() { return of(zipf_[0].draw(random_), zipf_[0].draw(random_)); }
  // As many requests as accounts touch each of them.
  Drawn round() {
    const std::uint32_t payer = turn_++ % count_;
    return of(payer, (payer + 1) % count_);
  }
  Drawn by_token() {
    if (turn_ >= tokens_) return std::nullopt;
    const std::uint32_t payer = order_[turn_ % count_];
    const std::uint32_t token = turn_ / count_ * count_ + payer;
    std::uint32_t payee = payer;
    while (payee == payer) payee = random_.below(count_);
    ++turn_;
    return Pair{payer, payee, token};
  }
  Drawn once() {
    if (turn_ + 2 > count_) return std::nullopt;
    turn_ += 2;
    return of(order_[turn_ - 2], order_[turn_ - 1]);
  }

  void shuffle() {
    order_.resize(count_);
    std::iota(order_.begin(), order_.end(), 0U);
    for (std::uint32_t i = count_; i > 1; --i) std::swap(order_[i - 1], order_[random_.below(i)]);
  }

  std::uint32_t count_, tokens_;
  std::uint32_t turn_ = 0;
  Random random_;
  std::vector<Zipf> zipf_;
  std::vector<std::uint32_t> order_;  // the accounts, shuffled
  Drawn (Pairs::*draw_)() = &Pairs::uniform;
};

/// A key per request, 36 characters as clients send them: a part of the run's and a counter.
class Keys {
 public:
  explicit Keys(std::uint64_t seed) : text_("00000000-0000-4000-8000-000000000000") {
    Random random(seed ^ 0x5bd1e995ULL);
    for (std::size_t i = 0; i < 18; ++i) {
      if (text_[i] == '0') text_[i] = kHex[random.bits() & 15];
    }
  }
  std::string_view next() {
    for (std::size_t i = text_.size() - 1;; --i) {
      if (text_[i] != 'f') {
        text_[i] = text_[i] == '9' ? 'a' : static_cast<char>(text_[i] + 1);
        return text_;
      }
      text_[i] = '0';
    }
  }

 private:
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text_;
};

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

struct Context {
  WorkloadOptions options;
  const std::vector<Account>& accounts;
  const Tokens& tokens;
};

class Transfers : public Workload {
 public:
  explicit Transfers(Context context)
      : context_(std::move(context)),
        pairs_(context_.options, context_.accounts.size(), context_.tokens.size()),
        keys_(context_.options.seed) {}

  bool next(std::string& out) override {
    const auto pair = pairs_.draw();
    if (!pair) return false;
    body_.assign(R"({"sender_email":")").append(context_.accounts[pair->payer].email);
    body_.append(R"(","receiver_email":")").append(context_.accounts[pair->payee].email);
    body_.append(R"(","amount":)").append(context_.options.amount).append("}");
    append_post(out, "/api/transactions", pair->token);
    return true;
  }
  std::uint64_t achieved(const Response& response) const override { return response.status == 201; }

 protected:
  void append_post(std::string& out, std::string_view target, std::size_t token) {
    out.assign("POST ").append(target).append(" HTTP/1.1\r\n").append(kHost);
    out.append("Authorization: Bearer ").append(context_.tokens[token]);
    out.append("\r\nIdempotency-Key: ").append(keys_.next());
    out.append("\r\nContent-Type: application/json\r\nContent-Length: ");
    append_number(out, body_.size());
    out.append("\r\n\r\n").append(body_);
  }

  Context context_;
  Pairs pairs_;
  Keys keys_;
  std::string body_;
};

class Batches : public Transfers {
 public:
  using Transfers::Transfers;

  bool next(std::string& out) override {
    const auto pair = pairs_.draw();
    if (!pair) return false;
    body_.assign(R"({"transfers":[)");
    for (std::size_t i = 0; i < context_.options.batch; ++i) {
      std::uint32_t receiver = pair->payer;
      while (receiver == pair->payer) {
        const auto other = pairs_.draw();
        if (!other) return false;
        receiver = other->payee;
      }
      if (i != 0) body_ += ',';
      body_.append(R"({"receiver_email":")").append(context_.accounts[receiver].email);
      body_.append(R"(","amount":)").append(context_.options.amount).append("}");
    }
    body_.append("]}");
    append_post(out, "/api/transactions/batch", pair->token);
    return true;
  }
  std::uint64_t achieved(const Response& response) const override {
    static constexpr std::string_view kName = R"("completed":)";
    // The counter stands after the results, each of which has a `"status":"completed"`.
    const std::size_t at = response.body.rfind(kName);
    if (response.status != 200 || at == std::string_view::npos) return 0;
    std::uint64_t count = 0;
    const char* begin = response.body.data() + at + kName.size();
    std::from_chars(begin, response.body.data() + response.body.size(), count);
    return count;
  }
};

/// GETs of one kind, each for a random account, or for one after the other (pairs "round").
class Reads : public Workload {
 public:
  explicit Reads(Context context)
      : context_(std::move(context)),
        random_(context_.options.seed),
        in_order_(context_.options.pairs == "round") {}

  bool next(std::string& out) override {
    const std::string& kind = context_.options.kind;
    if (kind == "health") {
      out.assign("GET /health HTTP/1.1\r\n").append(kHost).append("\r\n");
      return true;
    }
    const std::uint32_t nth = in_order_ ? turn_++ % count() : random_.below(count());
    const auto& subset = context_.options.subset;
    const std::uint32_t account = subset.empty() ? nth : subset[nth];
    if (kind == "me") {
      out.assign("GET /api/users/me HTTP/1.1\r\n");
    } else {
      out.assign("GET /api/transactions/user/").append(context_.accounts[account].id);
      out.append("?limit=");
      append_number(out, context_.options.page);
      out.append(" HTTP/1.1\r\n");
    }
    out.append(kHost).append("Authorization: Bearer ").append(context_.tokens[account]);
    out.append("\r\n\r\n");
    return true;
  }
  std::uint64_t achieved(const Response& response) const override { return response.status == 200; }

 private:
  std::uint32_t count() const {
    const auto& subset = context_.options.subset;
    return static_cast<std::uint32_t>(subset.empty() ? context_.accounts.size() : subset.size());
  }

  Context context_;
  Random random_;
  bool in_order_;
  std::uint32_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Workload> make_workload(const WorkloadOptions& options,
                                        const std::vector<Account>& accounts,
                                        const Tokens& tokens) {
  Context context{options, accounts, tokens};
  if (options.kind == "transfer") return std::make_unique<Transfers>(std::move(context));
  if (options.kind == "batch") return std::make_unique<Batches>(std::move(context));
  if (options.kind == "me" || options.kind == "history" || options.kind == "health") {
    return std::make_unique<Reads>(std::move(context));
  }
  throw std::runtime_error("no such workload: " + options.kind);
}

}  // namespace bench

// A connection's bytes through net/parser: however they are cut, the same requests come out, and
// what stands unread stays small. The first byte of the input is the seed of the cuts.
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "fuzz/expect.h"
#include "net/forwarded.h"
#include "net/parser.h"

namespace {

using namespace instapay;
using net::Parser;

constexpr std::size_t kBodyMaxHere_bytes = 2'000;  // reached by inputs of a fuzzer's size
constexpr std::size_t kRequestsMax = 8;

struct Read {
  std::vector<std::string> requests;  // each as text, complete ones only
  bool refused = false;
};

std::string shown(const net::Request& request, bool keep_alive) {
  std::string text = request.method_name + " " + request.target + (keep_alive ? " +" : " -");
  for (const char* name : {"Host", "Content-Length", "Transfer-Encoding", "X", "Idempotency-Key"})
    text +=
        '\n' + std::string(request.header(name)) + '#' + std::to_string(request.count_header(name));
  return text + "\n\n" + request.body;
}

// What every complete request must be.
void check(const net::Request& request) {
  fuzz::expect(request.target == "*" || request.target.starts_with('/'));
  fuzz::expect(request.target.size() <= kTargetMax_bytes + 1);
  fuzz::expect(is_valid_utf8(request.target));
  fuzz::expect(request.header_count() <= kHeaderCountMax);
  fuzz::expect(request.count_header("Host") == 1 || request.http_1_0);
  fuzz::expect(request.body.size() <= kBodyMaxHere_bytes);
  fuzz::expect(!(request.has_header("Transfer-Encoding") && request.has_header("Content-Length")));
  if (request.has_header("Transfer-Encoding"))
    fuzz::expect(!request.http_1_0 && request.count_header("Transfer-Encoding") == 1 &&
                 net::equal_ignoring_case(request.header("Transfer-Encoding"), "chunked"));
  if (request.has_header("Content-Length"))
    fuzz::expect(request.header("Content-Length").find_first_not_of("0123456789, \t") ==
                 std::string_view::npos);
  (void)request.query("x");
  (void)net::percent_decode(request.path(), false);
}

// As net/connection does it; `next_cut` says how many bytes the next read brings.
template <class Cut>
Read read(std::string_view bytes, Cut next_cut) {
  Read out;
  std::string buffer;
  std::size_t arrived = 0;
  net::Request request;
  while (out.requests.size() < kRequestsMax) {
    request.clear();
    Parser parser(request);
    std::size_t headers = 0;
    for (;;) {
      const bool head = parser.stage() == Parser::Stage::head;
      const std::size_t used = parser.read(buffer);
      fuzz::expect(used <= buffer.size());
      buffer.erase(0, used);
      if (head && parser.stage() != Parser::Stage::head) {
        headers = request.header_count();
        parser.limit_body(kBodyMaxHere_bytes);
        if (parser.stage() == Parser::Stage::body) continue;
      }
      if (parser.stage() == Parser::Stage::done || parser.stage() == Parser::Stage::refused) break;
      fuzz::expect(buffer.size() < std::max(kHeaderMax_bytes, kFramingLineMax_bytes));
      if (arrived == bytes.size()) return out;
      const std::size_t more =
          std::min(std::max<std::size_t>(next_cut(), 1), bytes.size() - arrived);
      buffer += bytes.substr(arrived, more);
      arrived += more;
    }
    if (parser.stage() == Parser::Stage::refused) {
      fuzz::expect(!parser.refusal().detail.empty());
      out.refused = true;
      return out;
    }
    fuzz::expect(request.header_count() == headers);  // no trailer became one
    check(request);
    net::believe_proxy(request);
    out.requests.push_back(shown(request, parser.keep_alive()));
    if (!parser.keep_alive()) return out;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Read at_once = read(bytes, [&] { return bytes.size(); });
  const Read one_by_one = read(bytes, [] { return std::size_t{1}; });
  std::minstd_rand random(data[0] + 1U);
  const Read in_pieces = read(bytes, [&] { return std::size_t{1} + random() % 64; });
  // A fault may show itself only when a line is whole, so bytes that end early may be judged later.
  for (const Read* cut : {&one_by_one, &in_pieces}) {
    fuzz::expect(cut->requests == at_once.requests);
    if (cut->refused) fuzz::expect(at_once.refused);
  }
  return 0;
}

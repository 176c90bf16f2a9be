#pragma once
// One request's bytes to a Request, as they arrive (RFC 9112). Beast tells heads, bodies and chunks
// apart; what a head must satisfy beyond its grammar, and how much may be kept, is decided here,
// and in the same way however the bytes are cut. Included by server code only: it pulls in Beast.
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "core/limits.h"
#include "net/http.h"

namespace instapay::net {

class Parser final : private boost::beast::http::basic_parser<true> {
 public:
  enum class Stage : std::uint8_t { head, body, done, refused };

  explicit Parser(Request& request);

  /// Consumes from the front of `bytes` and says how much; what it leaves comes again with more
  /// behind it. Stops behind the head, so that the head can be judged before the body is read.
  std::size_t read(std::string_view bytes);

  Stage stage() const { return stage_; }
  /// Why, in Stage::refused. No request can follow on the connection.
  const Error& refusal() const { return refusal_; }
  /// Whether the client wants the connection to stay; known from Stage::body on.
  bool keep_alive() const { return keep_alive_; }
  /// The largest body from here on; set when the head is known. May refuse at once.
  void limit_body(std::size_t max_bytes);

 private:
  using Base = boost::beast::http::basic_parser<true>;
  using BeastError = boost::beast::error_code;
  using Text = boost::beast::string_view;
  using Length = boost::optional<std::uint64_t>;

  void on_request_impl(boost::beast::http::verb verb, Text name, Text target, int version,
                       BeastError& error) override;
  void on_response_impl(int, Text, int, BeastError&) override {}
  void on_field_impl(boost::beast::http::field, Text name, Text value, BeastError& error) override;
  void on_header_impl(BeastError& error) override;
  void on_body_init_impl(const Length& length, BeastError& error) override;
  std::size_t on_body_impl(Text body, BeastError& error) override;
  void on_chunk_header_impl(std::uint64_t, Text, BeastError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, BeastError& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(BeastError&) override {}

  std::size_t read_head(std::string_view bytes);
  std::size_t read_body(std::string_view bytes);
  // What Beast consumes of `bytes`; true when it wants more than these.
  bool put(std::string_view bytes, std::size_t& used);
  std::optional<Error> fault_in_head();
  void refuse(Error error);
  void refuse_body_size();

  Request& request_;
  Stage stage_ = Stage::head;
  Error refusal_;
  bool keep_alive_ = false;
  std::size_t head_bytes_ = 0;       // consumed of the head
  std::size_t body_wire_bytes_ = 0;  // consumed behind it: content and framing
  std::size_t body_max_bytes_ = kBatchBodyMax_bytes;
};

}  // namespace instapay::net

#pragma once
// CBOR (RFC 8949) read one item at a time, in the form that authenticators have to write (CTAP 2.1
// §8): definite lengths only. Nothing is copied and nothing is allocated: bytes and text are views
// of what is read. The one place with libcbor.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace instapay::auth {

class CborReader {
 public:
  explicit CborReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  // The next item, which has to be of that type; nullopt, and nothing is read any more, when it is
  // not or the bytes are no CBOR.
  std::optional<std::int64_t> integer();
  std::optional<std::span<const std::uint8_t>> bytes();
  std::optional<std::string_view> text();
  std::optional<std::size_t> map();  // how many pairs follow

  // One item of any type, with all that is in it: its encoding.
  std::optional<std::span<const std::uint8_t>> any();

  // What was not read yet; empty after a failure too, so ask failed() where the end matters.
  std::span<const std::uint8_t> rest() const { return rest_; }
  bool failed() const { return failed_; }
  bool is_finished() const { return !failed_ && rest_.empty(); }

 private:
  enum class Type : std::uint8_t { integer, bytes, text, array, map, tag, simple };
  struct Item {
    Type type{};
    std::int64_t number = 0;  // an integer; of arrays and maps, how many follow
    std::span<const std::uint8_t> content;
  };
  struct Sink;

  std::optional<Item> next();
  std::optional<Item> next_of(Type type);
  std::nullopt_t fail();

  std::span<const std::uint8_t> rest_;
  bool failed_ = false;
};

}  // namespace instapay::auth

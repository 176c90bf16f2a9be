#include "auth/cbor.h"

#include <cbor.h>

#include <limits>

namespace instapay::auth {

// What libcbor calls back with; the item stays empty for what is not accepted.
struct CborReader::Sink {
  std::optional<Item> item;

  static void put(void* sink, Item item) { static_cast<Sink*>(sink)->item = item; }
  static void put_counted(void* sink, Type type, std::size_t count) {
    if (count <= std::numeric_limits<std::uint32_t>::max())
      put(sink, {.type = type, .number = static_cast<std::int64_t>(count)});
  }
  static void put_unsigned(void* sink, std::uint64_t value) {
    if (value <= std::numeric_limits<std::int64_t>::max())
      put(sink, {.type = Type::integer, .number = static_cast<std::int64_t>(value)});
  }
  // -1 - value.
  static void put_negative(void* sink, std::uint64_t value) {
    if (value <= std::numeric_limits<std::int64_t>::max())
      put(sink, {.type = Type::integer, .number = -1 - static_cast<std::int64_t>(value)});
  }

  static cbor_callbacks callbacks() {
    // What is of indefinite length has no callback but those that do nothing.
    cbor_callbacks to = cbor_empty_callbacks;
    to.uint8 = [](void* sink, std::uint8_t value) { put_unsigned(sink, value); };
    to.uint16 = [](void* sink, std::uint16_t value) { put_unsigned(sink, value); };
    to.uint32 = [](void* sink, std::uint32_t value) { put_unsigned(sink, value); };
    to.uint64 = [](void* sink, std::uint64_t value) { put_unsigned(sink, value); };
    to.negint8 = [](void* sink, std::uint8_t value) { put_negative(sink, value); };
    to.negint16 = [](void* sink, std::uint16_t value) { put_negative(sink, value); };
    to.negint32 = [](void* sink, std::uint32_t value) { put_negative(sink, value); };
    to.negint64 = [](void* sink, std::uint64_t value) { put_negative(sink, value); };
    to.byte_string = [](void* sink, cbor_data data, std::size_t size) {
      put(sink, {.type = Type::bytes, .content = {data, size}});
    };
    to.string = [](void* sink, cbor_data data, std::size_t size) {
      put(sink, {.type = Type::text, .content = {data, size}});
    };
    to.array_start = [](void* sink, std::size_t count) { put_counted(sink, Type::array, count); };
    to.map_start = [](void* sink, std::size_t count) { put_counted(sink, Type::map, count); };
    to.tag = [](void* sink, std::uint64_t) { put(sink, {.type = Type::tag}); };
    to.float2 = [](void* sink, float) { put(sink, {.type = Type::simple}); };
    to.float4 = [](void* sink, float) { put(sink, {.type = Type::simple}); };
    to.float8 = [](void* sink, double) { put(sink, {.type = Type::simple}); };
    to.undefined = [](void* sink) { put(sink, {.type = Type::simple}); };
    to.null = [](void* sink) { put(sink, {.type = Type::simple}); };
    to.boolean = [](void* sink, bool) { put(sink, {.type = Type::simple}); };
    return to;
  }
};

std::nullopt_t CborReader::fail() {
  failed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<CborReader::Item> CborReader::next() {
  static const cbor_callbacks kCallbacks = Sink::callbacks();
  if (rest_.empty()) return fail();
  Sink sink;
  const auto done = cbor_stream_decode(rest_.data(), rest_.size(), &kCallbacks, &sink);
  if (done.status != CBOR_DECODER_FINISHED || !sink.item) return fail();
  rest_ = rest_.subspan(done.read);
  // Each of them takes a byte at least: a longer count than there are bytes is a lie.
  if ((sink.item->type == Type::array || sink.item->type == Type::map) &&
      static_cast<std::uint64_t>(sink.item->number) > rest_.size())
    return fail();
  return sink.item;
}

std::optional<CborReader::Item> CborReader::next_of(Type type) {
  const auto item = next();
  if (!item || item->type != type) return fail();
  return item;
}

std::optional<std::int64_t> CborReader::integer() {
  return next_of(Type::integer).transform([](const Item& item) { return item.number; });
}

std::optional<std::span<const std::uint8_t>> CborReader::bytes() {
  return next_of(Type::bytes).transform([](const Item& item) { return item.content; });
}

std::optional<std::string_view> CborReader::text() {
  return next_of(Type::text).transform([](const Item& item) {
    return std::string_view(reinterpret_cast<const char*>(item.content.data()),
                            item.content.size());
  });
}

std::optional<std::size_t> CborReader::map() {
  return next_of(Type::map).transform(
      [](const Item& item) { return static_cast<std::size_t>(item.number); });
}

std::optional<std::span<const std::uint8_t>> CborReader::any() {
  const auto before = rest_;
  // Counted and not by calling itself: what is nested deeply costs no stack.
  for (std::uint64_t missing = 1; missing > 0; --missing) {
    const auto item = next();
    if (!item) return std::nullopt;
    const auto inside = static_cast<std::uint64_t>(item->number);
    if (item->type == Type::array) missing += inside;
    if (item->type == Type::map) missing += 2 * inside;
    if (item->type == Type::tag) ++missing;
  }
  return before.first(before.size() - rest_.size());
}

}  // namespace instapay::auth

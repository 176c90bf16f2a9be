#include "net/compress.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/limits.h"

namespace instapay::net {
namespace {

std::string long_text() {
  std::string text;
  while (text.size() < 4 * kCompressMin_bytes) text += "{\"amount\":" + std::to_string(text.size());
  return text;
}

std::string plain(const std::string& gzipped) {
  std::string out(64 * 1024, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string in = gzipped;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

Response answer(Method method, std::string_view accept, Response response) {
  Request request;
  request.method = method;
  request.add_header("Accept-Encoding", accept);
  compress(request, response);
  return response;
}

TEST(Compress, AnswersThatAreReadAndLongEnough) {
  const auto text = long_text();
  for (const auto method : {Method::get, Method::head}) {
    const auto got = answer(method, "gzip, deflate, br", Response::json(200, text));
    EXPECT_EQ(header_of(got, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(got, "Vary"), "Accept-Encoding");
    EXPECT_LT(got.body.size(), text.size() / 2);
    EXPECT_EQ(plain(got.body), text);
  }
}

TEST(Compress, NothingElse) {
  const auto text = long_text();
  const auto untouched = [&](const Response& got, const std::string& was) {
    EXPECT_EQ(header_of(got, "Content-Encoding"), "");
    EXPECT_EQ(got.body, was);
  };
  untouched(answer(Method::post, "gzip", Response::json(200, text)), text);  // may hold tokens
  untouched(answer(Method::get, "br", Response::json(200, text)), text);
  untouched(answer(Method::get, "gzip;q=0", Response::json(200, text)), text);
  untouched(answer(Method::get, "", Response::json(200, text)), text);
  untouched(answer(Method::get, "gzip", Response{200, "image/png", text}), text);
  const std::string shorter(kCompressMin_bytes - 1, 'a'), longer(kCompressMax_bytes + 1, 'a');
  untouched(answer(Method::get, "gzip", Response::json(200, shorter)), shorter);
  untouched(answer(Method::get, "gzip", Response::json(200, longer)), longer);
  Response stream{200, "text/event-stream", text};
  stream.stream = [](BodyWriter&) -> Task<void> { co_return; };
  untouched(answer(Method::get, "gzip", stream), text);
}

TEST(Compress, WhatAClientTakes) {
  EXPECT_TRUE(accepts_encoding("gzip", "gzip"));
  EXPECT_TRUE(accepts_encoding("br;q=1.0, GZIP ; q=0.5", "gzip"));
  EXPECT_FALSE(accepts_encoding("br;q=1.0, gzip;q=0.0", "gzip"));
  EXPECT_FALSE(accepts_encoding("xgzip", "gzip"));
  EXPECT_FALSE(accepts_encoding("", "gzip"));
}

}  // namespace
}  // namespace instapay::net

#include "push/hosts.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "push/service.h"

namespace instapay::push {
namespace {

PushHosts hosts(std::vector<std::string> items, bool may_be_loopback = false) {
  return PushHosts::parse(items, may_be_loopback).value();
}

TEST(PushHosts, OnlyAddressesOfThePublicInternetAreOnes) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.9.9.9",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.168.1.1",
                           "198.18.0.1",
                           "203.0.113.7",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "5f00::1"})
    EXPECT_FALSE(is_public(IpAddress::parse(text).value())) << text;
  for (const char* text : {"8.8.8.8", "142.250.1.95", "172.32.0.1", "192.0.1.1", "2a00:1450::5f",
                           "2606:4700::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public(IpAddress::parse(text).value())) << text;
}

TEST(PushHosts, AnEndpointIsAtAListedHost) {
  const PushHosts known = hosts({"push.example.com", "*.example.org"});
  const auto found = known.check("https://PUSH.example.com/a/b?c=d");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->origin, "https://push.example.com");
  EXPECT_FALSE(found->is_loopback);
  EXPECT_TRUE(known.check("https://a.b.example.org:443/"));
  for (const char* url :
       {"", "https://", "https://example.org/", "https://evilexample.org/",
        "https://push.example.com.evil.example/", "https://push.example.com./",
        "https://push.example.com:444/", "http://push.example.com/", "https://a@push.example.com/",
        "https://push.example.com/#a", "https://push.example.com\\@evil.example/",
        "https://push%2eexample.com/", "https://127.0.0.1/", "https://localhost/"})
    EXPECT_FALSE(known.check(url)) << url;
  EXPECT_FALSE(known.check("https://push.example.com/" + std::string(kEndpointMax_bytes, 'x')));
}

TEST(PushHosts, ThisHostIsOneWhileDevelopingOnly) {
  EXPECT_FALSE(PushHosts::parse({"127.0.0.1"}, false));
  EXPECT_FALSE(PushHosts::parse({"localhost"}, false));
  const auto found = hosts({"127.0.0.1"}, true).check("http://127.0.0.1:8123/x");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is_loopback);
  EXPECT_EQ(found->origin, "http://127.0.0.1:8123");
}

TEST(PushHosts, AListIsOfNames) {
  for (const char* item : {"10.0.0.1", "[::1]", "push", "*", "*.", "a b.example.com", "a.1",
                           "https://push.example.com", "push.example.com:443", "none.", ""})
    EXPECT_FALSE(PushHosts::parse({item}, true)) << item;
  EXPECT_FALSE(PushHosts::parse(std::vector<std::string>(kPushHostsMax + 1, "a.example"), false));
  EXPECT_TRUE(hosts({"none"}).empty());
  EXPECT_FALSE(hosts({"none"}).check("https://none/"));
}

// Listens on 127.0.0.1 and counts nothing: whoever connects is seen by accept().
struct Listener {
  Listener() {
    socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket, 1), 0);
    EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
  }
  ~Listener() { close(socket); }
  bool was_connected_to() const { return accept(socket, nullptr, nullptr) >= 0; }

  int socket = -1;
  int port = 0;
};

TEST(PushClient, ANameThatLeadsInsideIsNotConnectedTo) {
  const Listener inside;
  for (const char* address : {"127.0.0.1", "[::1]", "10.255.255.1", "169.254.169.254"}) {
    PushClient client({}, fmt::format("push.example.com:{}:{}", inside.port, address));
    const PushMessage message{
        .endpoint = {.url = fmt::format("https://push.example.com:{}/a", inside.port),
                     .origin = "https://push.example.com"},
        .authorization = "vapid t=a, k=b",
        .body = "x",
        .topic = "t",
        .urgency = "normal",
        .ttl_s = 1};
    const PushAnswer answer = client.post(message);
    EXPECT_EQ(answer.status, 0) << address;
    EXPECT_EQ(answer.problem, "the push service is at no public address") << address;
  }
  EXPECT_FALSE(inside.was_connected_to());
}

TEST(PushClient, OnlyHttpsLeavesThisHost) {
  const Listener inside;
  PushClient client({}, fmt::format("push.example.com:{}:127.0.0.1", inside.port));
  const PushMessage message{
      .endpoint = {.url = fmt::format("http://push.example.com:{}/a", inside.port),
                   .origin = "https://push.example.com"},
      .urgency = "normal"};
  EXPECT_EQ(client.post(message).status, 0);
  EXPECT_FALSE(inside.was_connected_to());
}

PushMessage message_to(const Listener& listener) {
  return {.endpoint = {.url = fmt::format("http://127.0.0.1:{}/a", listener.port),
                       .origin = fmt::format("http://127.0.0.1:{}", listener.port),
                       .is_loopback = true},
          .authorization = "vapid t=a, k=b",
          .body = "what is pushed",
          .topic = "t",
          .urgency = "normal",
          .ttl_s = 1};
}

// Reads one request, waits until `may_answer`, and closes the connection behind the answer.
void answer_once(const Listener& listener, std::string_view answer,
                 const std::function<bool()>& may_answer = {}) {
  pollfd waits{.fd = listener.socket, .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&waits, 1, 10'000), 1);
  const int peer = accept(listener.socket, nullptr, nullptr);
  ASSERT_GE(peer, 0);
  std::string request;
  std::string part(4096, '\0');
  while (!request.contains("what is pushed")) {
    const auto size = recv(peer, part.data(), part.size(), 0);
    if (size <= 0) break;
    request.append(part, 0, static_cast<std::size_t>(size));
  }
  EXPECT_TRUE(request.contains("what is pushed"));
  while (may_answer && !may_answer()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(send(peer, answer.data(), answer.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(answer.size()));
  close(peer);
}

TEST(PushClient, AnAnswerWhoseBodyDoesNotComeIsOne) {
  const Listener here;
  PushClient client;
  std::jthread server(
      [&] { answer_once(here, "HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nhalf"); });
  EXPECT_EQ(client.post(message_to(here)).status, 201);
}

TEST(PushClient, NoAnswerIsNone) {
  const Listener here;
  PushClient client;
  std::jthread server([&] { answer_once(here, ""); });
  const PushAnswer answer = client.post(message_to(here));
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.problem, "");
}

TEST(PushClient, WhatIsWrittenIsNotCutOff) {
  const Listener here;
  std::atomic<bool> is_stopping = false, was_asked = false;
  PushClient client([&] {
    if (is_stopping) was_asked = true;
    return is_stopping.load();
  });
  std::jthread server([&] {
    answer_once(here, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", [&] {
      is_stopping = true;
      return was_asked.load();
    });
  });
  EXPECT_EQ(client.post(message_to(here)).status, 201);
  const Listener nobody;
  EXPECT_EQ(client.post(message_to(nobody)).status, 0) << "what is not begun is given up";
}

}  // namespace
}  // namespace instapay::push

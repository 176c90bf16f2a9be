#include "user/user_agent.h"

#include <gtest/gtest.h>

namespace instapay::user {
namespace {

TEST(UserAgent, IsNamedAsPeopleKnowIt) {
  const struct {
    std::string_view agent, device;
  } cases[] = {
      {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
       "Firefox · Linux, 203.0.113.5"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
       "Edge · Windows, 203.0.113.5"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
       "Safari · iPhone, 203.0.113.5"},
      {"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
       "Mobile Safari/537.36",
       "Chrome · Android, 203.0.113.5"},
      {"curl/8.1", "curl, 203.0.113.5"},
      {"<b>you have won</b>", "203.0.113.5"},
      {"", "203.0.113.5"},
  };
  for (const auto& [agent, device] : cases)
    EXPECT_EQ(describe_device(agent, "203.0.113.5"), device) << agent;
  EXPECT_EQ(describe_device(std::string(255, 'x'), ""), std::string(32, 'x'));
}

}  // namespace
}  // namespace instapay::user

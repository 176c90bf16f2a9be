#include "config/sources.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace instapay {
namespace {

std::string nearest_to(std::string_view variable) {
  const std::string line = std::string(variable) + "=x";
  const auto found = find_misspelt({line});
  return found.empty() ? "" : found.front().nearest;
}

TEST(Misspelt, IsNamedWithTheSettingThatItIsMostLike) {
  constexpr std::pair<const char*, const char*> kTable[] = {
      {"INSTAPAY_EVN", "INSTAPAY_ENV"},
      {"INSTAPAY_ENVIRONMENT", "INSTAPAY_ENV"},
      {"TRANSFER_LIMT", "TRANSFER_LIMIT"},
      {"DAIYL_LIMIT", "DAILY_LIMIT"},
      {"DAILY_LIMTI", "DAILY_LIMIT"},
      {"JWT_KEY", "JWT_PRIVATE_KEY"},
      {"JWT_PRIVATE_KEY_FIEL", "JWT_PRIVATE_KEY_FILE"},
      {"SMTP_PASS", "SMTP_PASSWORD"},
      {"SMTP_USER", "SMTP_USERNAME"},
      {"DB_POOLS", "DB_POOL"},
      {"CURENCY", "CURRENCY"},
      {"CURRENCY_FILE", "CURRENCY"},
  };
  for (const auto& [variable, nearest] : kTable) EXPECT_EQ(nearest_to(variable), nearest);
}

TEST(Misspelt, EverySettingIsFoundByAnyOfItsLettersMissing) {
  for (const Setting& setting : all_settings())
    for (std::size_t i = 0; i < setting.name.size(); ++i) {
      std::string variable(setting.name);
      variable.erase(i, 1);
      if (find_setting(variable) == nullptr) EXPECT_NE(nearest_to(variable), "") << variable;
    }
}

TEST(Misspelt, OtherProgramsVariablesAreTheirs) {
  for (const char* variable :
       {"USER", "MAIL", "HOME", "PATH", "LOGNAME", "SHELL", "LANG", "TZ", "HOSTNAME",
        // OpenSSL's, a desktop's, Kubernetes' for a Service named user-service, our own scripts'.
        "SSL_CERT_FILE", "SSL_CERT_DIR", "SESSION_MANAGER", "DESKTOP_SESSION", "DB_HOST", "DB_PORT",
        "DATABASE_HOST", "USER_SERVICE_PORT", "USER_SERVICE_SERVICE_HOST",
        "TRANSACTION_SERVICE_PORT_8001_TCP", "INSTAPAY_BIN", "INSTAPAY_TEST_PORTS",
        "INSTAPAY_SKIP_PACKAGES", "PGPASSWORD", "CITUS_URL"})
    EXPECT_EQ(nearest_to(variable), "") << variable;
}

TEST(Misspelt, SettingsAndTheirFilesAreNone) {
  for (const Setting& setting : all_settings()) {
    EXPECT_EQ(nearest_to(setting.name), "");
    if (setting.secret) EXPECT_EQ(nearest_to(std::string(setting.name) + "_FILE"), "");
  }
}

class Environment : public testing::Test {
 protected:
  void set(const char* name, const std::string& value) {
    setenv(name, value.c_str(), 1);
    set_.push_back(name);
  }
  void TearDown() override {
    for (const char* name : set_) unsetenv(name);
  }
  std::vector<const char*> set_;
};
using SourcesTest = Environment;

TEST_F(SourcesTest, TheCommandLineWinsOverTheEnvironmentAndThatOverAFile) {
  const std::string path = testing::TempDir() + "config_sources_test_secret";
  std::ofstream(path) << "of the file\n";
  const Setting& setting = *find_setting("SMTP_PASSWORD");
  RawSettings flags;
  const auto found = [&] { return Sources(flags).find(setting); };
  EXPECT_EQ(found().origin, Origin::by_default);
  set("SMTP_PASSWORD_FILE", path);
  EXPECT_EQ(found().text, "of the file");
  EXPECT_EQ(found().origin, Origin::file);
  EXPECT_EQ(found().where, path);
  set("SMTP_PASSWORD", "");  // as good as none
  EXPECT_EQ(found().origin, Origin::file);
  set("SMTP_PASSWORD", "of the environment");
  EXPECT_EQ(found().text, "of the environment");
  EXPECT_EQ(found().origin, Origin::environment);
  flags["SMTP_PASSWORD"] = "of the command line";
  EXPECT_EQ(found().text, "of the command line");
  EXPECT_EQ(found().origin, Origin::command_line);
  EXPECT_EQ(found().where, "--smtp-password");
  std::remove(path.c_str());
}

TEST_F(SourcesTest, OnlySecretsComeFromFiles) {
  set("CURRENCY_FILE", "/etc/hostname");
  EXPECT_EQ(Sources({}).find(*find_setting("CURRENCY")).origin, Origin::by_default);
}

TEST_F(SourcesTest, AFileThatCannotBeReadIsOneMistakeHoweverOftenItIsAsked) {
  set("SMTP_PASSWORD_FILE", "/nowhere/to/be/found");
  const RawSettings flags;
  Sources sources(flags);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(sources.find(*find_setting("SMTP_PASSWORD")).origin, Origin::by_default);
  ASSERT_EQ(sources.unreadable().size(), 1u);
  EXPECT_EQ(sources.unreadable().front().variable, "SMTP_PASSWORD_FILE");
}

TEST_F(SourcesTest, NoSecretIsShown) {
  RawSettings flags;
  for (const Setting& setting : all_settings())
    if (setting.secret) flags[std::string(setting.name)] = "not to be seen";
  for (const bool json : {false, true}) {
    std::vector<std::string> problems;
    const std::string shown = effective_settings(flags, json, problems);
    EXPECT_EQ(shown.find("not to be seen"), std::string::npos);
    EXPECT_NE(shown.find("********"), std::string::npos);
    EXPECT_TRUE(problems.empty());
  }
}

}  // namespace
}  // namespace instapay

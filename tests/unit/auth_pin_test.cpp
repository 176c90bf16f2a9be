#include "auth/pin.h"

#include <gtest/gtest.h>

#include "auth/password.h"

namespace instapay::auth {
namespace {

TEST(Pin, HasFourToEightDigits) {
  EXPECT_EQ(check_pin(""), PinProblem::too_short);
  EXPECT_EQ(check_pin("482"), PinProblem::too_short);
  EXPECT_EQ(check_pin("482915736"), PinProblem::too_long);
  for (const std::string_view text : {"48a9", "4 829", "-482", "4829\n", "٤٨٢٩"})
    EXPECT_EQ(check_pin(text), PinProblem::invalid_format) << text;
  for (const std::string_view pin : {"4829", "48291", "482915", "4829157", "48291573"})
    EXPECT_EQ(check_pin(pin), std::nullopt) << pin;
}

TEST(Pin, IsNotWhatIsTriedFirst) {
  for (const std::string_view pin :
       {"0000", "111111", "1212", "121212", "123123", "12341234", "1234",     "12345678", "987654",
        "3210", "7890",   "2468", "1357",   "112233", "332211",   "2580",     "147258",   "159753",
        "1900", "1987",   "2099", "011990", "199012", "31121999", "12311999", "19991231", "0512",
        "1205", "3112",   "1231", "1123",   "051290", "120590",   "900512",   "901205"})
    EXPECT_EQ(check_pin(pin), PinProblem::too_weak) << pin;
}

TEST(Pin, MayBeAnythingElse) {
  for (const std::string_view pin : {"1899", "2100", "3213", "1300", "1347", "131990", "199013",
                                     "32131999", "19991332", "482915"})
    EXPECT_EQ(check_pin(pin), std::nullopt) << pin;
  EXPECT_EQ(check_pin_shape("1111"), std::nullopt) << "its strength is asked when it is set";
}

TEST(Pin, IsHashedWithItsSession) {
  const Uuid one = Uuid::reserved(1), other = Uuid::reserved(2);
  const std::string hash = hash_password(pin_phrase("482915", one), kBcryptCostMin);
  EXPECT_EQ(match_password(pin_phrase("482915", one), hash), PasswordMatch::normal);
  EXPECT_EQ(match_password(pin_phrase("482916", one), hash), PasswordMatch::none);
  EXPECT_EQ(match_password(pin_phrase("482915", other), hash), PasswordMatch::none);
  EXPECT_NE(pin_owner(one, other), pin_owner(other, one));
}

}  // namespace
}  // namespace instapay::auth

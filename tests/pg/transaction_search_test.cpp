#include <gmock/gmock.h>

#include "pg/transfers.h"
#include "queries.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using ::testing::ElementsAre;
using testing::rows_of;
using testing::Transfers;

struct Search {
  std::optional<Uuid> account;
  std::string from = "2006-01-01T00:00:00Z", until = "2007-01-01T00:00:00Z";
  std::optional<Uuid> before;
  std::optional<std::string> pattern;
  std::optional<std::int64_t> least, most;
  int limit = 10;
};

std::vector<Uuid> find(const Search& search) {
  static auto db = Database::connect("transaction");
  const std::int64_t from = *parse_time(search.from), until = *parse_time(search.until);
  Params params;
  params.add(search.account).add(search.before.value_or(Uuid::first_v7(until)));
  params.add(Uuid::first_v7(from)).add_time(until).add_time(from).add_null();
  params.add(search.pattern).add(search.least).add(search.most).add(search.limit);
  const auto rows = rows_of(db.query(queries::transaction::search_transfers, params));
  std::vector<Uuid> ids;
  for (int i = 0; i < rows.size(); ++i) ids.push_back(rows.uuid(i, 0));
  return ids;
}

TEST(SearchTransfers, OfEverybodyAndOfOne) {
  Transfers make;
  const Uuid a = make.user("search1a"), b = make.user("search1b"), c = make.user("search1c");
  const Uuid first = make.transfer(a, b, 100, "2006-01-01T00:00:00Z", "lunch 100%").id;
  const Uuid second = make.transfer(b, c, 200, "2006-02-01T00:00:00Z", "Rent").id;
  const Uuid third = make.transfer(c, a, 300, "2006-03-01T00:00:00Z").id;
  make.transfer(c, a, 300, "2007-01-01T00:00:00Z");

  EXPECT_THAT(find({}), ElementsAre(third, second, first));
  EXPECT_THAT(find({.limit = 2}), ElementsAre(third, second));
  EXPECT_THAT(find({.before = second}), ElementsAre(first));
  EXPECT_THAT(find({.account = a}), ElementsAre(third, first));
  EXPECT_THAT(find({.account = b, .before = second}), ElementsAre(first));
  EXPECT_THAT(find({.account = Uuid{}}), ElementsAre());
  EXPECT_THAT(find({.from = "2006-02-01T00:00:00Z", .until = "2006-03-01T00:00:00Z"}),
              ElementsAre(second));
  EXPECT_THAT(find({.pattern = "%rent%"}), ElementsAre(second));
  EXPECT_THAT(find({.pattern = "%100\\%%"}), ElementsAre(first));
  EXPECT_THAT(find({.least = 200, .most = 200}), ElementsAre(second));
  EXPECT_THAT(find({.account = a, .least = 200}), ElementsAre(third));
}

}  // namespace
}  // namespace instapay

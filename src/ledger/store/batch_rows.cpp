#include "ledger/store/batch_rows.h"

#include <algorithm>

#include "core/check.h"

namespace instapay::ledger {
namespace {

// One row to be: a side of a transfer.
struct Row {
  const Transfer* transfer;
  bool paid;

  const AccountId& account() const { return paid ? transfer->payer : transfer->payee; }
  const AccountId& counterparty() const { return paid ? transfer->payee : transfer->payer; }
  const Side& side() const { return paid ? transfer->payer_side : transfer->payee_side; }
  const Side& other_side() const { return paid ? transfer->payee_side : transfer->payer_side; }
  std::int64_t amount() const { return paid ? -transfer->amount.minor : transfer->amount.minor; }
};

std::vector<Row> rows_of(const Plan& plan) {
  std::vector<Row> rows;
  rows.reserve(2 * plan.transfers.size());
  for (const Transfer& transfer : plan.transfers) {
    rows.push_back({&transfer, true});
    if (!is_one_sided(transfer.kind)) rows.push_back({&transfer, false});
  }
  std::ranges::sort(rows, [](const Row& a, const Row& b) {
    return std::tie(a.account(), a.side().seq) < std::tie(b.account(), b.side().seq);
  });
  return rows;
}

std::string_view view(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One column after the other, over one buffer of each type.
class Columns {
 public:
  Columns(std::span<const Row> rows, pg::Params& params) : rows_(rows), params_(params) {}

  template <class T>
  std::vector<T>& each(std::vector<T>& values, auto get) {
    values.clear();
    values.reserve(rows_.size());
    for (const Row& row : rows_) values.push_back(get(row));
    return values;
  }
  void ids(auto get) { params_.add_array(each(ids_, get)); }
  void optional_ids(auto get) { params_.add_uuid_or_null_array(none_if_empty(each(ids_, get))); }
  void numbers(auto get) { params_.add_array(each(numbers_, get)); }
  void optional_numbers(auto get) { params_.add_array(none_if_empty(each(numbers_, get))); }
  void times(auto get) { params_.add_time_array(each(numbers_, get)); }
  void optional_bytes(auto get) { params_.add_bytes_array(none_if_empty(each(texts_, get))); }
  void optional_texts(auto get) {
    params_.add_text_or_null_array(none_if_empty(each(texts_, get)));
  }

 private:
  // Where no row has a value an array of no elements will do: unnest() fills up with NULL.
  template <class T>
  static std::span<const T> none_if_empty(const std::vector<T>& values) {
    const bool none = std::ranges::all_of(values, [](const T& value) { return value == T{}; });
    return none ? std::span<const T>() : std::span<const T>(values);
  }

  std::span<const Row> rows_;
  pg::Params& params_;
  std::vector<Uuid> ids_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::string_view> texts_;
};

void add_entries(const std::vector<Row>& rows, pg::Params& params) {
  Columns columns(rows, params);
  columns.ids([](const Row& r) { return r.account().uuid; });
  columns.ids([](const Row& r) { return r.transfer->id; });
  columns.ids([](const Row& r) { return r.counterparty().uuid; });
  columns.optional_ids([](const Row& r) { return r.transfer->refund_of; });
  columns.optional_ids([](const Row& r) { return r.transfer->reference; });
  columns.optional_ids([](const Row& r) { return r.transfer->actor; });
  columns.numbers([](const Row& r) { return r.side().seq.value; });
  columns.numbers([](const Row& r) { return r.other_side().seq.value; });
  columns.numbers([](const Row& r) { return r.amount(); });
  columns.numbers([](const Row& r) { return r.side().balance.minor; });
  columns.numbers([](const Row& r) { return r.side().held.minor; });
  columns.optional_numbers([](const Row& r) { return r.side().held_change.minor; });
  columns.numbers([](const Row& r) { return r.side().sent_today.minor; });
  columns.times([](const Row& r) { return r.transfer->created.us; });
  std::vector<std::int32_t> positions;
  params.add_array(
      columns.each(positions, [](const Row& r) { return r.transfer->place.position; }));
  std::vector<std::int16_t> kinds;
  params.add_array(columns.each(
      kinds, [](const Row& r) { return static_cast<std::int16_t>(r.transfer->kind); }));
  const auto has_key = [](const Row& r) { return r.paid && r.transfer->key.has_value(); };
  columns.optional_bytes(
      [&](const Row& r) { return has_key(r) ? view(r.transfer->key->key) : std::string_view(); });
  columns.optional_bytes([&](const Row& r) {
    return has_key(r) ? view(r.transfer->key->request) : std::string_view();
  });
  columns.optional_texts([&](const Row& r) {
    return has_key(r) ? std::string_view(r.transfer->refused_items) : std::string_view();
  });
  columns.optional_texts([](const Row& r) { return std::string_view(r.transfer->change); });
  columns.optional_texts([](const Row& r) { return std::string_view(r.transfer->note); });
}

}  // namespace

pg::Params batch_params(const Plan& plan) {
  const BatchRow& row = plan.row;
  CHECK(row.transfer_count == static_cast<std::int32_t>(plan.transfers.size()) && !row.is_void);
  const std::vector<Row> rows = rows_of(plan);
  std::uint64_t sum = 0;  // wraps around, and comes back to zero all the same
  for (const Row& each : rows) sum += static_cast<std::uint64_t>(each.amount());
  CHECK(sum == 0);
  pg::Params params;
  params.add(row.chain_id).add(row.seq).add(view(row.prev_hash)).add(view(row.merkle_root));
  params.add(view(row.hash())).add(row.transfer_count).add_time(row.committed.us);
  params.add(view(row.secret));
  add_entries(rows, params);
  return params;
}

}  // namespace instapay::ledger

#include "user/erasure.h"

#include "ledger/proof/leaf.h"
#include "ledger/store/pg_prelude.h"
#include "ledger/store/rows.h"
#include "queries/user.h"

namespace instapay::user {
namespace {

// The notes of a page of entries, and, where this account wrote the note, its copy on the other
// side. What others wrote stays theirs.
pg::Params hashes_of(const Uuid& user, const pg::TypedRows<queries::user::FindNotesRow>& rows) {
  std::vector<Uuid> accounts;
  std::vector<std::int64_t> seqs;
  std::vector<Hash256> hashes;
  for (const auto& row : rows) {
    const auto blinding = ledger::blinding_of(ledger::hash_of(*row.secret), row.position);
    const Hash256 hash = ledger::note_part(*row.note, blinding.note);
    const auto add = [&](const Uuid& account, std::int64_t seq) {
      accounts.push_back(account);
      seqs.push_back(seq);
      hashes.push_back(hash);
    };
    add(user, row.seq);
    if (row.is_own) add(row.counterparty_id, row.counterparty_seq);
  }
  std::vector<std::string_view> views;
  for (const Hash256& hash : hashes)
    views.emplace_back(reinterpret_cast<const char*>(hash.data()), hash.size());
  pg::Params params;
  params.add_array(accounts).add_array(seqs).add_bytes_array(views);
  return params;
}

Task<Result<void>> erase_notes(pg::Pool& db, const Uuid& user) {
  std::int64_t after = 0;
  for (;;) {
    const auto rows =
        co_await db.query(queries::user::find_notes, pg::Params().add(user).add(after));
    if (!rows) co_return fail(pg::to_error(rows.error()));
    if (rows->empty()) co_return Result<void>();
    after = rows->back().seq;
    const auto done = co_await db.query(queries::user::erase_notes, hashes_of(user, *rows));
    if (!done) co_return fail(pg::to_error(done.error()));
  }
}

// The person, and the entry that tells of it, in one transaction. False when the account is not as
// it was read any more: nothing happened.
Task<Result<bool>> erase_person(ledger::Ledger& ledger, Currency currency, const Uuid& user,
                                const Uuid& actor, std::string reason,
                                const std::optional<ApprovedErasure>& approved) {
  auto submission = std::make_unique<ledger::Submission>();
  pg::Params params;
  params.add(user);
  params.add(approved ? std::optional(approved->proposal) : std::nullopt);
  params.add(approved ? std::optional(approved->approver) : std::nullopt);
  submission->prelude =
      std::make_unique<ledger::PgPrelude>(queries::user::erase_user, std::move(params));
  ledger::Order order;
  order.payer = {user};
  order.kind = ledger::EntryKind::control;
  order.actor = actor;
  order.note = std::move(reason);
  order.control.change = R"("erased":true)";
  submission->orders.push_back(std::move(order));
  const auto outcomes = co_await ledger.submit(std::move(submission));
  if (!outcomes.front() && outcomes.front().error().constraint == "changed_meanwhile")
    co_return false;
  if (!outcomes.front()) co_return fail(ledger::to_error(outcomes.front().error(), currency));
  co_return true;
}

}  // namespace

Task<Result<Uuid>> erase_user(pg::Pool& db, ledger::Ledger& ledger, Currency currency,
                              std::string user, Uuid actor, std::string reason,
                              std::optional<ApprovedErasure> approved) {
  const auto rows = co_await db.query(queries::user::find_erasable, pg::Params().add(user));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  const auto found = rows->front();
  const Uuid id = found.id;
  if (static_cast<ledger::AccountStatus>(found.status) != ledger::AccountStatus::closed)
    co_return fail(Code::not_erasable, "The account is not closed.");
  if (found.balance != 0)
    co_return fail(Code::not_erasable,
                   "The account still holds " + format_amount(found.balance, currency) + ".");
  if (auto erased = co_await erase_notes(db, id); !erased) co_return fail(erased.error());
  if (found.erased_at) co_return id;
  auto erased = co_await erase_person(ledger, currency, id, actor, std::move(reason), approved);
  if (!erased) co_return fail(std::move(erased.error()));
  if (*erased) co_return id;
  // Somebody else erased the user at the same moment, or the account was opened again.
  const auto now =
      co_await db.query(queries::user::find_erasable, pg::Params().add(id.to_string()));
  if (!now) co_return fail(pg::to_error(now.error()));
  if (now->empty() || !now->front().erased_at)
    co_return fail(Code::not_erasable, "The account was changed just now.");
  co_return id;
}

}  // namespace instapay::user

#pragma once
// The run of one batch, from its submissions to their answers: gather, plan, write, answer, and
// what is done when that fails (docs/ledger.md, "A batch"). One thread; made for one batch.
#include "ledger/commit/batch_spans.h"
#include "ledger/commit/committer.h"
#include "ledger/commit/recovery.h"

namespace instapay::ledger {

class BatchRun {
 public:
  /// `basis`: the batches in flight that this one is to be planned on.
  BatchRun(Committer& committer, std::shared_ptr<Flight> flight, Flights basis,
           Submissions submissions);

  /// Returns when every submission is answered.
  void run();

 private:
  void attempt();
  static bool refuses_remembered(const Plan& plan, const LoadRequest& read);
  Known gather(LoadRequest& unknown);
  std::vector<AccountId> accounts() const;
  void gather_accounts(Known& known, LoadRequest& unknown);
  void gather_keys(const Submission& submission, Known& known, LoadRequest& unknown);
  void announce(const Plan& plan);
  bool write_on_basis(const Plan& plan);
  bool await_basis();
  Flight::State await(const Flight& flight, Flight::State least);
  void answer_all(Plan& plan);
  void recover(const StoreFailure& failure, Plan* committing);
  void settle(Plan& plan);
  void settled(Fence fence, Plan& plan, const BatchRow& void_row);
  void tell_unknown(bool all);
  void split();
  void wait_ready();
  void refuse_all(const Refusal& refusal);
  void refuse_expired(Code code);

  Committer& committer_;
  std::shared_ptr<Flight> flight_;
  Flights basis_;            // not known yet to be committed
  Submissions submissions_;  // not answered yet
  BatchTimes times_;
  Time now_;  // of the attempt
  int failures_ = 0;
  bool locked_;                      // read every account under lock: an optimistic write failed
  bool look_up_keys_ = false;        // some key is in the database already
  bool look_up_unverified_ = false;  // some account may have been verified since it was read
};

}  // namespace instapay::ledger

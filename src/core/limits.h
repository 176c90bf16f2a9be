#pragma once
// Every limit of the platform that is not configuration, with its unit in its name.
#include <cstddef>
#include <cstdint>

namespace instapay {

// HTTP
inline constexpr std::size_t kHeaderMax_bytes = 8 * 1024;
inline constexpr std::size_t kTargetMax_bytes = 4 * 1024;
inline constexpr std::size_t kHeaderCountMax = 64;
inline constexpr std::size_t kBodyMax_bytes = 64 * 1024;
inline constexpr std::size_t kBatchBodyMax_bytes = 512 * 1024;
// A chunk's line with its extensions, or all trailers together.
inline constexpr std::size_t kFramingLineMax_bytes = 4 * 1024;
// What chunks, extensions and trailers of one body may take besides its content.
inline constexpr std::size_t kFramingMax_bytes = 16 * 1024;
inline constexpr std::size_t kFramingPerByteMax = 8;
inline constexpr std::int64_t kReadTimeout_us = 10'000'000;
inline constexpr std::int64_t kIdleTimeout_us = 60'000'000;
inline constexpr std::int64_t kWriteTimeout_us = 30'000'000;
// Answers shorter than this are not worth compressing; a longer one than that would keep its thread
// for milliseconds.
inline constexpr std::size_t kCompressMin_bytes = 1024;
inline constexpr std::size_t kCompressMax_bytes = 256 * 1024;
inline constexpr std::size_t kConnectionsMax = 10'000;
inline constexpr std::int64_t kShutdownGrace_us = 10'000'000;
// An answer that took this long is logged, however many others are.
inline constexpr std::int64_t kSlowRequest_us = 500'000;

// Streams
inline constexpr std::size_t kStreamsMax = 5'000;

// Replicas of one service that the operators' view asks; those beyond are not shown.
inline constexpr std::size_t kReplicasAskedMax = 32;

// JSON
inline constexpr std::size_t kJsonDepthMax = 16;
inline constexpr std::size_t kJsonMembersMax = 32;  // of one object
inline constexpr std::size_t kJsonNameMax_bytes = 128;
inline constexpr std::size_t kJsonItemsMax = 10'000;  // of one array
// Mistakes listed in one answer; those after them are counted.
inline constexpr std::size_t kFieldErrorsMax = 50;

// Database
inline constexpr int kStatementTimeout_ms = 5'000;
inline constexpr std::int64_t kPoolWaitMax_us = 2'000'000;
inline constexpr std::size_t kPoolQueueMax = 4'096;
inline constexpr std::size_t kPipelineDepthMax = 64;
inline constexpr int kConnectTimeout_s = 5;

// Ledger
inline constexpr std::size_t kTransfersPerRequestMax = 1'000;
inline constexpr std::int64_t kTransferDeadline_us = 8'000'000;
inline constexpr std::size_t kAccountBookMax = 1'000'000;
inline constexpr int kConflictRetriesMax = 10;
inline constexpr std::size_t kNoteMax_chars = 140;
inline constexpr std::size_t kIdempotencyKeyMax_bytes = 255;
// Of the batches whose receipts wait to be made: some 50 MB, and a quarter of a second.
inline constexpr std::size_t kReceiptTransfersMax = 100'000;

// Names; the database holds the same numbers (db/migrations/0002_names.sql).
inline constexpr int kRenamesMax = 2;  // of a username by its user
inline constexpr int kRenamePeriod_days = 30;
inline constexpr int kUsernameReserved_months = 12;

// Payment requests; the database holds the same numbers (db/migrations/0007_payment_requests.sql).
inline constexpr std::size_t kPaymentCodeGuidMax_chars = 32;  // EMVCo, object 00 of an account
inline constexpr int kRequestsPerDayMax = 100;                // of one payee, in 24 hours
inline constexpr int kRequestsToOnePersonPerDayMax = 10;
inline constexpr int kReminderPeriod_hours = 24;
inline constexpr int kBlocksMax = 1'000;  // of one person
inline constexpr std::int64_t kRequestLifeMax_us = 366LL * 86'400 * 1'000'000;

// Splits; the database holds the same numbers (db/migrations/0023_splits.sql).
inline constexpr std::size_t kSplitPeopleMax = 50;
inline constexpr std::int32_t kSplitSharesMax = 10'000;  // of one person

// Proposals of staff; the database holds the same numbers (db/migrations/0024_approvals.sql).
inline constexpr int kApprovalLife_days = 7;
inline constexpr int kOpenApprovalsMax = 100;  // of one proposer

// Schedules; the database holds the same numbers (db/migrations/0013_schedules.sql).
inline constexpr int kSchedulesMax = 100;         // of one payer at once
inline constexpr int kScheduleCountMax = 1'000;   // occurrences of one
inline constexpr int kScheduleIntervalMax = 100;  // weeks, months or years between two
inline constexpr int kScheduleHorizon_years = 5;  // until the first
inline constexpr int kScheduleLife_years = 50;    // until the last
inline constexpr int kOccurrencesShown = 20;      // with a schedule
inline constexpr int kOccurrencesPlanned = 5;     // of those to come, with a schedule

// Mandates; the database holds the same numbers (db/migrations/0026_mandates.sql).
inline constexpr int kMandatesPerPayerMax = 100;        // active at once
inline constexpr int kMandatesPerPayeeMax = 1'000;      // proposed or active at once
inline constexpr int kMandatesPerPairMax = 5;           // the same, between two
inline constexpr int kMandateProposalsPerDayMax = 100;  // of one payee, in 24 hours
inline constexpr std::int64_t kMandateLifeMax_us = 10 * 366LL * 86'400 * 1'000'000;
inline constexpr int kDrawNotice_hours = 24;  // between its announcement and its payment
inline constexpr int kDrawHorizon_days = 92;  // the same, at most
inline constexpr int kDrawsPerDayMax = 10;    // announced of one mandate, in 24 hours
inline constexpr int kDrawsShown = 20;        // with a mandate: to come, and past

// Holds; the database holds the same number (db/migrations/0016_holds.sql).
inline constexpr int kHoldLife_days = 30;

// Authentication
// At cost 12 and two threads, the last one of a full queue waits about eight seconds.
inline constexpr std::size_t kPasswordQueueMax = 64;
// Of one person at once: the one that was not used for longest ends when another begins.
inline constexpr std::int32_t kSessionsPerUserMax = 100;
inline constexpr std::size_t kTokenCacheMax_entries = 262'144;

// Passkeys of one person; the database holds the same number (db/migrations/0012_passkeys.sql).
inline constexpr std::int32_t kPasskeysPerUserMax = 20;
inline constexpr std::size_t kPasskeyNameMax_chars = 64;

// Service accounts of one wallet, or of the platform; the database holds the same numbers
// (db/migrations/0019_service_accounts.sql).
inline constexpr int kServiceAccountsMax = 20;
inline constexpr int kServiceCredentialsMax = 2;  // of one account: the old one and the new one
inline constexpr std::size_t kServiceAccountNameMax_chars = 64;
inline constexpr std::int64_t kServiceAccountLifeMax_us = 5 * 366LL * 86'400 * 1'000'000;

// Lists
inline constexpr int kPageDefault = 20;
inline constexpr int kPageMax = 100;
inline constexpr int kReportPeriodsMax = 10'000;

}  // namespace instapay

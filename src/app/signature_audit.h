#pragma once
// The part of the audit that the ledger alone cannot do: whether what is kept of staff's passkeys
// are signatures of the very proposals that they are kept with, of every kind.
#include <string>

#include "pg/connection.h"

namespace instapay::app {

/// The first that is not, for people; empty: all are. Failure: the database could not be read.
pg::Result<std::string> check_signatures(pg::Connection& connection);

}  // namespace instapay::app

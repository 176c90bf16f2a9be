#pragma once
// The rows of a statement whose file declares them. Their text and bytes are views: they live as
// long as these rows.
#include <cstddef>
#include <iterator>

#include "core/check.h"
#include "pg/rows.h"
#include "pg/statement.h"

namespace instapay::pg {

template <class Row>
class TypedRows {
 public:
  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const Rows& rows, int row) : rows_(&rows), row_(row) {}

    Row operator*() const { return Row::read(*rows_, row_); }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++row_;
      return before;
    }
    bool operator==(const Iterator& other) const { return row_ == other.row_; }

   private:
    const Rows* rows_ = nullptr;
    int row_ = 0;
  };

  TypedRows() = default;
  explicit TypedRows(Rows rows) : rows_(std::move(rows)) {}

  int size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }

  Row operator[](int row) const& {
    CHECK(row >= 0 && row < size());
    return Row::read(rows_, row);
  }
  Row operator[](int row) const&& = delete;
  Row front() const& { return (*this)[0]; }
  Row front() const&& = delete;
  Row back() const& { return (*this)[size() - 1]; }
  Row back() const&& = delete;

  Iterator begin() const& { return {rows_, 0}; }
  Iterator end() const& { return {rows_, size()}; }

 private:
  Rows rows_;
};

/// The answer to a statement whose row R is: of a cursor's FETCH, of one of a pipeline's steps.
template <class R>
Result<TypedRows<R>> typed(Result<Rows> rows) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  return TypedRows<R>(std::move(*rows));
}

template <class R>
TypedRows<R> typed(const TypedStatement<R>&, Rows rows) {
  return TypedRows<R>(std::move(rows));
}

}  // namespace instapay::pg

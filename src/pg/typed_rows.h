#pragma once
// The rows of a statement whose file declares them. Their text and bytes are views: they live as
// long as these rows.
#include <cstddef>
#include <iterator>

#include "core/check.h"
#include "pg/rows.h"

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

/// The untyped answer to a statement of the same row, as pipelines and cursors give it.
template <class Row>
Result<TypedRows<Row>> typed(Result<Rows> rows) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  return TypedRows<Row>(std::move(*rows));
}

}  // namespace instapay::pg

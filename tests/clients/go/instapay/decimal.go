// Package instapay: beside what openapi-generator writes here, the type that stands for `number`.
package instapay

import "encoding/json"

// Decimal keeps an amount as its text, exactly.
type Decimal = json.Number

// NullableDecimal is what the generator makes of every other type.
type NullableDecimal struct {
	value *Decimal
	isSet bool
}

// Get is nil for null.
func (v NullableDecimal) Get() *Decimal { return v.value }

// Set makes it a value.
func (v *NullableDecimal) Set(value *Decimal) { v.value, v.isSet = value, true }

// IsSet says whether it was there at all.
func (v NullableDecimal) IsSet() bool { return v.isSet }

// Unset takes it out.
func (v *NullableDecimal) Unset() { v.value, v.isSet = nil, false }

// NewNullableDecimal holds `value`.
func NewNullableDecimal(value *Decimal) *NullableDecimal { return &NullableDecimal{value, true} }

// MarshalJSON writes the value or null.
func (v NullableDecimal) MarshalJSON() ([]byte, error) { return json.Marshal(v.value) }

// UnmarshalJSON reads a value or null.
func (v *NullableDecimal) UnmarshalJSON(text []byte) error {
	v.isSet = true
	return json.Unmarshal(text, &v.value)
}

#include "swell/io/safetensors.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using Values = std::vector<double>;

std::vector<std::byte> raw_file(std::string_view header, std::string_view data, uint64_t length) {
  std::vector<std::byte> bytes(8);
  store_little(bytes.data(), length);
  for (const std::string_view part : {header, data}) {
    const auto more = as_bytes_of(part);
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  return bytes;
}

std::vector<std::byte> raw_file(std::string_view header, std::string_view data) {
  return raw_file(header, data, header.size());
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const std::string message = error_of([&] { parse_safetensors(bytes, "x.safetensors"); });
  EXPECT_TRUE(contains(message, "x.safetensors: bad safetensors file"));
  return message;
}

// A header with one tensor "a" whose fields are given as JSON.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

Safetensors example() {
  Safetensors file;
  file.tensors["J.visible"] = {{2, 2}, {0, 1.0 / 3, -2, std::numeric_limits<double>::infinity()}, Dtype::F64};
  file.tensors["b"] = {{3}, {0.5, -0.25, std::numeric_limits<double>::quiet_NaN()}, Dtype::F32};
  file.tensors["a scalar"] = {{}, {7}, Dtype::F64};
  file.tensors["nothing"] = {{0, 5}, {}, Dtype::F32};
  file.metadata = {{"design", "kT = 1\n\"quoted\" \xc2\xb5"}, {"format", "swell"}};
  return file;
}

TEST(safetensors, tensors_and_metadata_come_back) {
  const TestFolder folder;
  const Safetensors written = example();
  write_safetensors(folder / "m.safetensors", written);
  const Safetensors read = read_safetensors(folder / "m.safetensors");
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), 4u);
  for (const auto& [name, tensor] : written.tensors) {
    EXPECT_EQ(read.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read.tensors.at(name).dtype, tensor.dtype) << name;
  }
  EXPECT_EQ(read.tensors.at("J.visible").values, written.tensors.at("J.visible").values);
  EXPECT_EQ(read.tensors.at("b").values[1], -0.25);
  EXPECT_TRUE(std::isnan(read.tensors.at("b").values[2]));
}

TEST(safetensors, bytes_are_sorted_aligned_and_the_same_each_time) {
  Safetensors file;
  file.tensors["z"] = {{1}, {1}, Dtype::F64};
  file.tensors["a"] = {{1}, {2}, Dtype::F32};
  const std::string header =
      R"({"z":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})";
  const std::vector<std::byte> bytes = encode_safetensors(file);
  EXPECT_EQ(load<uint64_t>(bytes.data(), std::endian::little) % 8, 0u);
  EXPECT_TRUE(as_text(bytes).substr(8).starts_with(header));
  EXPECT_EQ(encode_safetensors(file), bytes);
  EXPECT_EQ(encode_safetensors(parse_safetensors(bytes, "x")), bytes);
}

TEST(safetensors, half_precision_types_are_read_as_f32) {
  const std::string header = R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"BF16","shape":[1,1],"data_offsets":[4,6]}}  )";
  const Safetensors file = parse_safetensors(raw_file(header, std::string_view("\x00\x3c\xff\x7b\x49\xc0", 6)), "x");
  EXPECT_EQ(file.tensors.at("h").values, (Values{1, 65504}));
  EXPECT_EQ(file.tensors.at("b").values, Values{-3.140625});
  EXPECT_EQ(file.tensors.at("b").dtype, Dtype::F32);
}

TEST(safetensors, bf16_is_written_rounded_to_nearest_and_comes_last) {
  Safetensors file;
  file.tensors["a"] = {{5}, {1, -3.140625, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 0.1}, Dtype::BF16};
  file.tensors["b"] = {{1}, {2}, Dtype::F32};
  const Safetensors read = parse_safetensors(encode_safetensors(file), "x");
  EXPECT_EQ(read.tensors.at("a").values, (Values{1, -3.140625, 1, 1 + 0x1p-6, 0.10009765625}));
  for (const double value : read.tensors.at("a").values) EXPECT_EQ(rounded_to_bf16(value), value);
  EXPECT_EQ(read.tensors.at("b").values, Values{2});
  file.tensors["a"].values[0] = 3.4e38;  // rounds to infinity
  EXPECT_THROW(encode_safetensors(file), InputError);
}

TEST(safetensors, whole_numbers_of_eight_bits_are_written) {
  Safetensors file;
  file.tensors["a"] = {{4}, {-128, 0, 1, 127}, Dtype::I8};
  file.tensors["b"] = {{1}, {0.5}, Dtype::BF16};
  const std::vector<std::byte> bytes = encode_safetensors(file);
  const Safetensors read = parse_safetensors(bytes, "x");
  EXPECT_EQ(read.tensors.at("a").values, file.tensors["a"].values);
  EXPECT_EQ(read.tensors.at("b").values, Values{0.5});
  EXPECT_EQ(bytes.size() % 8, 6u);  // 2 + 4 bytes of data
  for (const double odd : {0.5, 128.0, -129.0}) {
    file.tensors["a"].values[1] = odd;
    EXPECT_THROW(encode_safetensors(file), InputError) << odd;
  }
}

TEST(safetensors, a_file_without_tensors_is_read) {
  EXPECT_TRUE(parse_safetensors(raw_file("{}", ""), "x").tensors.empty());
  EXPECT_EQ(parse_safetensors(raw_file(R"({"__metadata__":{"a":"b"}})", ""), "x").metadata.at("a"), "b");
}

TEST(safetensors, every_truncation_is_refused) {
  expect_truncation_refused(encode_safetensors(example()), parse_safetensors);
}

TEST(safetensors, header_lengths_out_of_bounds_are_refused) {
  EXPECT_TRUE(contains(refusal(raw_file("{}", "", 3)), "a header of 3 bytes, 2 are there"));
  EXPECT_TRUE(contains(refusal(raw_file("{}", "", 100'000'001)), "at most 100000000"));
  refusal(raw_file("{}", "", std::numeric_limits<uint64_t>::max()));
  refusal(raw_file("{}", "", 0));
}

TEST(safetensors, headers_that_are_not_the_format_are_refused) {
  EXPECT_TRUE(contains(refusal(raw_file(" {}", "")), "begins with \" \""));
  EXPECT_TRUE(contains(refusal(raw_file("{\"a\":}", "")), "not JSON"));
  EXPECT_TRUE(contains(refusal(raw_file(std::string_view("{}\0\0", 4), "")), "NUL"));
  EXPECT_TRUE(contains(refusal(raw_file("{}{}", "")), "not JSON"));
  EXPECT_TRUE(contains(refusal(raw_file("{\"\xff\":1}", "")), "not JSON"));
  EXPECT_TRUE(contains(refusal(raw_file("{\"a\":[[[[", "")), "nested deeper"));
  EXPECT_TRUE(contains(refusal(raw_file(R"({"a":1e999})", "")), "not JSON"));
  EXPECT_TRUE(contains(refusal(raw_file(R"({"__metadata__":{"a":1}})", "")), "not a text"));
  EXPECT_TRUE(contains(refusal(raw_file(R"({"__metadata__":"a"})", "")), "not an object"));
}

TEST(safetensors, duplicate_keys_are_refused) {
  const std::string a = R"("a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  EXPECT_NO_THROW(parse_safetensors(raw_file("{" + a + "}", ""), "x"));
  EXPECT_TRUE(contains(refusal(raw_file("{" + a + "," + a + "}", "")), "the key \"a\" stands twice"));
  refusal(raw_file(R"({"a":{"dtype":"F32","dtype":"F64","shape":[0],"data_offsets":[0,0]}})", ""));
  refusal(raw_file(R"({"__metadata__":{"k":"1","k":"2"}})", ""));
  refusal(raw_file(R"({"__metadata__":{},"__metadata__":{}})", ""));
}

TEST(safetensors, fields_of_a_tensor_are_checked) {
  const std::string data = "12345678";
  EXPECT_NO_THROW(parse_safetensors(raw_file(one(R"("F32")", "[2]", "[0,8]"), data), "x"));
  for (const std::string& header :
       {one(R"("C64")", "[1]", "[0,8]"), one(R"("f32")", "[2]", "[0,8]"), one("1", "[2]", "[0,8]"),
        one(R"("F32")", "[3]", "[0,8]"), one(R"("F32")", "[-2]", "[0,8]"), one(R"("F32")", "[2.0]", "[0,8]"),
        one(R"("F32")", "2", "[0,8]"), one(R"("F32")", R"(["2"])", "[0,8]"), one(R"("F32")", "[2]", "[8,0]"),
        one(R"("F32")", "[2]", "[0,9]"), one(R"("F32")", "[2]", "[0,8,8]"), one(R"("F32")", "[2]", "[0]"),
        one(R"("F32")", "[4294967296,4294967296,2]", "[0,8]"), one(R"("F32")", "[9223372036854775808]", "[0,8]"),
        one(R"("F32")", "[2]", "[18446744073709551608,18446744073709551615]"), one(R"("F32")", "[2],\"x\":1", "[0,8]"),
        std::string(R"({"a":{"dtype":"F32","shape":[2]}})"), std::string(R"({"a":[0,8]})")}) {
    EXPECT_TRUE(contains(refusal(raw_file(header, data)), "\"a\"")) << header;
  }
}

TEST(safetensors, holes_overlaps_and_leftover_bytes_are_refused) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  EXPECT_NO_THROW(parse_safetensors(raw_file(two("[4,8]", "[0,4]"), "12345678"), "x"));
  EXPECT_TRUE(contains(refusal(raw_file(two("[0,4]", "[5,9]"), "123456789")), "no holes"));
  EXPECT_TRUE(contains(refusal(raw_file(two("[0,4]", "[2,6]"), "123456")), "no overlaps"));
  EXPECT_TRUE(contains(refusal(raw_file(two("[0,4]", "[0,4]"), "1234")), "no overlaps"));
  EXPECT_TRUE(contains(refusal(raw_file(two("[1,5]", "[5,9]"), "123456789")), "expected 0"));
  EXPECT_TRUE(contains(refusal(raw_file(two("[0,4]", "[4,8]"), "123456789")), "end at byte 8"));
}

// Files too large to decode at once: bytes as they lie, and whole numbers, which have no place in a Tensor.
TEST(safetensors, an_index_finds_the_bytes_of_each_tensor) {
  const NamedShape shapes[] = {{"n", "I64", {1}}, {"x", "F32", {2}}, {"sum", "U8", {3}}};
  std::vector<std::byte> bytes = safetensors_header(shapes, {{"kind", "test"}});
  EXPECT_EQ(bytes.size() % 8, 0u);
  const auto data = as_bytes_of("12345678abcdefghXYZ");
  bytes.insert(bytes.end(), data.begin(), data.end());
  const StoredSafetensors file = index_safetensors(bytes, "x");
  EXPECT_EQ(file.metadata.at("kind"), "test");
  EXPECT_EQ(file.tensors.at("n").dtype, "I64");
  EXPECT_EQ(as_text(file.tensors.at("n").bytes), "12345678");
  EXPECT_EQ(as_text(file.tensors.at("x").bytes), "abcdefgh");
  EXPECT_EQ(as_text(file.tensors.at("sum").bytes), "XYZ");
  expect_truncation_refused(bytes, index_safetensors);
}

TEST(safetensors, whole_numbers_and_truth_values_are_read) {
  const NamedShape shapes[] = {
      {"a", "I64", {1}}, {"b", "I32", {1}}, {"c", "I16", {1}}, {"d", "U8", {2}}, {"e", "BOOL", {2}}};
  std::vector<std::byte> bytes = safetensors_header(shapes, {});
  const auto data = as_bytes_of(std::string_view("\xfe\xff\xff\xff\xff\xff\xff\xff\1\0\1\0\xff\xff\1\xff\0\2", 18));
  bytes.insert(bytes.end(), data.begin(), data.end());
  const Safetensors file = parse_safetensors(bytes, "x");
  EXPECT_EQ(file.tensors.at("a").values, std::vector<double>{-2});
  EXPECT_EQ(file.tensors.at("b").values, std::vector<double>{65537});
  EXPECT_EQ(file.tensors.at("c").values, std::vector<double>{-1});
  EXPECT_EQ(file.tensors.at("d").values, (std::vector<double>{1, 255}));
  EXPECT_EQ(file.tensors.at("e").values, (std::vector<double>{0, 1}));
}

TEST(safetensors, types_that_are_not_read_are_quoted_once) {
  const std::string header = R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})";
  EXPECT_TRUE(contains(refusal(raw_file(header, "12345678")), "tensor \"a\" has dtype \"C64\"; allowed are F64"));
  const std::string shape = R"({"a":{"dtype":"F64","shape":["x"],"data_offsets":[0,8]}})";
  EXPECT_TRUE(contains(refusal(raw_file(shape, "12345678")), "holds \"x\", expected"));
}

// Bytes of other formats say their own name; before, a PNG image was "a header of 727905341920923785 bytes".
TEST(safetensors, files_of_other_kinds_are_named) {
  const auto told = [](std::string_view text) { return error_of([&] { parse_safetensors(as_bytes_of(text), "x"); }); };
  EXPECT_EQ(told("\x89PNG\r\n\x1a\n and more"), "x: not a safetensors file (it starts like a PNG image)");
  EXPECT_EQ(told(""), "x: not a safetensors file (it is empty)");
  EXPECT_EQ(told("Dear machine\n"), "x: not a safetensors file (it is text that begins with \"Dear machine\")");
  EXPECT_EQ(told("{\"name\": {}}"), "x: not a safetensors file (it starts like a JSON text)");
}

TEST(safetensors, control_bytes_of_a_name_do_not_reach_the_message) {
  const std::string message = refusal(raw_file(R"({"\u001b[2J":{}})", ""));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_TRUE(contains(message, "\\x1b[2J"));
}

TEST(safetensors, writing_refuses_what_cannot_be_read_back) {
  const auto encode_one = [](const std::string& name, const Tensor& tensor) {
    Safetensors file;
    file.tensors[name] = tensor;
    return encode_safetensors(file);
  };
  EXPECT_THROW(encode_one("a", {{2}, {1}, Dtype::F64}), InputError);
  EXPECT_THROW(encode_one("a", {{-1}, {1}, Dtype::F64}), InputError);
  EXPECT_THROW(encode_one("a", {{1}, {1e300}, Dtype::F32}), InputError);
  EXPECT_THROW(encode_one("__metadata__", {{1}, {1}, Dtype::F64}), InputError);
  EXPECT_THROW(encode_one("\xff", {{1}, {1}, Dtype::F64}), InputError);
  const TestFolder folder;
  write_file_atomically(folder / "file", std::string_view(""));
  EXPECT_TRUE(
      contains(error_of([&] { write_safetensors(folder / "file/m", example()); }), (folder / "file/m").string()));
}

}  // namespace
}  // namespace swell::test

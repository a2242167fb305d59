#include "swell/io/npy.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using Shape = std::vector<int64_t>;
using Values = std::vector<double>;

std::vector<std::byte> npy_file(const std::string& header, std::string_view data, int version = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  text += static_cast<char>(header.size());
  text.append(version == 1 ? 1 : 3, '\0');
  return bytes_of(text + header + std::string(data));
}

std::string header_of(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

Values values_of(const std::string& descr, const std::string& shape, std::string_view data) {
  return parse_npy(npy_file(header_of(descr, shape), data), "x.npy").values;
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const std::string message = error_of([&] { parse_npy(bytes, "x.npy"); });
  EXPECT_TRUE(contains(message, "x.npy"));
  return message;
}

TEST(npy, every_element_type_is_read) {
  EXPECT_EQ(values_of("|i1", "(2,)", "\x01\xff"), (Values{1, -1}));
  EXPECT_EQ(values_of("|u1", "(2,)", "\x01\xff"), (Values{1, 255}));
  EXPECT_EQ(values_of("<i2", "(1,)", "\xfe\xff"), Values{-2});
  EXPECT_EQ(values_of(">u2", "(1,)", "\xfe\xff"), Values{65279});
  EXPECT_EQ(values_of(">i4", "(1,)", "\xff\xff\xff\xfd"), Values{-3});
  EXPECT_EQ(values_of("<u4", "(1,)", "\xff\xff\xff\xff"), Values{4294967295.0});
  EXPECT_EQ(values_of("<i8", "(1,)", "\xff\xff\xff\xff\xff\xff\xff\xff"), Values{-1});
  EXPECT_EQ(values_of("<u8", "(1,)", "\xff\xff\xff\xff\xff\xff\xff\xff"), Values{std::ldexp(1, 64)});
  EXPECT_EQ(values_of("<f4", "()", std::string_view("\0\0\xc0\x3f", 4)), Values{1.5});
  EXPECT_EQ(values_of(">f4", "()", std::string_view("\x3f\xc0\0\0", 4)), Values{1.5});
  EXPECT_EQ(values_of(">f8", "()", std::string_view("\xc0\x04\0\0\0\0\0\0", 8)), Values{-2.5});
}

TEST(npy, versions_1_to_3_are_read_and_others_refused) {
  for (const int version : {1, 2, 3}) {
    EXPECT_EQ(parse_npy(npy_file(header_of("|u1", "(3,)"), "abc", version), "x.npy").shape, Shape{3});
  }
  for (const int version : {0, 4, 255}) {
    EXPECT_TRUE(contains(refusal(npy_file(header_of("|u1", "(3,)"), "abc", version)), "version"));
  }
}

TEST(npy, fortran_order_is_read_into_row_major) {
  // The 2 x 3 matrix with rows 1 2 3 and 4 5 6, stored column by column.
  const NpyArray matrix = parse_npy(npy_file(header_of("|u1", "(2, 3)", "True"), "\1\4\2\5\3\6"), "x.npy");
  EXPECT_EQ(matrix.values, (Values{1, 2, 3, 4, 5, 6}));
  // a[i][j][k] = 6 i + 2 j + k with extents 2, 3, 2.
  const NpyArray cube = parse_npy(
      npy_file(header_of("|u1", "(2, 3, 2)", "True"), std::string_view("\0\6\2\10\4\12\1\7\3\11\5\13", 12)), "x.npy");
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(cube.values[i], static_cast<double>(i));
}

TEST(npy, doubles_and_floats_come_back_bit_for_bit) {
  const TestFolder folder;
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  const Values doubles{0.0, -0.0, 1.0 / 3, huge, tiny, std::numeric_limits<double>::infinity()};
  write_npy(folder / "d.npy", Shape{2, 3}, doubles);
  const NpyArray read = read_npy(folder / "d.npy");
  EXPECT_EQ(read.shape, (Shape{2, 3}));
  EXPECT_EQ(read.values, doubles);
  EXPECT_TRUE(std::signbit(read.values[1]));

  const std::vector<float> floats{0.1f, std::numeric_limits<float>::quiet_NaN()};
  write_npy(folder / "f.npy", Shape{2}, floats);
  EXPECT_EQ(read_npy(folder / "f.npy").values[0], double{0.1f});
  EXPECT_TRUE(std::isnan(read_npy(folder / "f.npy").values[1]));
}

TEST(npy, shapes_of_any_rank_come_back) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{0}, Shape{5, 0, 2}, Shape{1, 1, 1, 1, 1, 1, 1}}) {
    const Values values(static_cast<size_t>(*element_count(shape)), 7);
    const NpyArray array = parse_npy(encode_npy(shape, values), "x.npy");
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(array.values, values);
  }
}

TEST(npy, written_bytes_are_what_numpy_writes) {
  const std::vector<float> values{1, 2};
  std::string expected("\x93NUMPY\x01\0\x76\0", 10);
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  expected.append(127 - expected.size(), ' ');
  expected += std::string("\n\0\0\x80\x3f\0\0\0\x40", 9);
  EXPECT_EQ(as_text(encode_npy(Shape{2}, values)), expected);
}

TEST(npy, every_truncation_is_refused) {
  const Values values{1, 2, 3};
  expect_truncation_refused(encode_npy(Shape{3}, values), parse_npy);
  expect_truncation_refused(npy_file(header_of(">i2", "(2, 1)", "True"), "abcd", 2), parse_npy);
}

TEST(npy, bytes_beyond_the_array_are_refused) {
  EXPECT_TRUE(contains(refusal(npy_file(header_of("|u1", "(3,)"), "abcd")), "shape (3) of 1-byte numbers"));
  EXPECT_TRUE(contains(refusal(npy_file(header_of("<f4", "(1,)"), "abcde")), "the 5 bytes of data"));
}

TEST(npy, shapes_that_overflow_are_refused) {
  for (const char* shape : {"(9223372036854775807, 2)", "(4294967296, 4294967296)", "(2305843009213693952,)",
                            "(4611686018427387904, 4, 0)", "(9223372036854775808,)", "(99999999999999999999999,)"}) {
    refusal(npy_file(header_of("<f8", shape), ""));
  }
}

TEST(npy, headers_that_are_not_the_literal_are_refused) {
  const std::string order = "'fortran_order': False, 'shape': (1,)", descr = "'descr': '|u1', ";
  for (const std::string& header :
       {std::string(), std::string("{"), "{" + descr + order, "{" + descr + order + "} x", "{" + order + "}",
        "{" + descr + descr + order + "}", "{" + descr + "'x': 1, " + order + "}",
        "{" + descr + "'fortran_order': Maybe, 'shape': (1,)}", "{" + descr + "'fortran_order': False, 'shape': (-1,)}",
        "{" + descr + "'fortran_order': False, 'shape': (1.0,)}",
        "{" + descr + "'fortran_order': False, 'shape': (1 1)}", "{'descr': '|u1, " + order + "}"}) {
    EXPECT_TRUE(contains(refusal(npy_file(header, "a")), "bad .npy header")) << header;
  }
}

TEST(npy, types_that_are_not_numbers_are_refused) {
  for (const char* descr : {"|O", "<U3", "|S1", "<c8", "<f16", "|f4", "f4", "<f16", "<M8[s]"}) {
    EXPECT_TRUE(contains(refusal(npy_file(header_of(descr, "(1,)"), "a")), printable(descr)));
  }
}

TEST(npy, other_files_are_refused) {
  EXPECT_TRUE(contains(refusal(bytes_of("PK\3\4 a zip file")), "not a .npy file (it starts like a zip archive"));
  const TestFolder folder;
  EXPECT_TRUE(contains(error_of([&] { read_npy(folder / "none.npy"); }), (folder / "none.npy").string()));
}

TEST(npy, halves_truth_values_and_long_extents_are_read) {
  EXPECT_EQ(values_of("<f2", "(2,)", std::string_view("\0\x3e\0\xc0", 4)), (Values{1.5, -2}));
  EXPECT_EQ(values_of(">f2", "(1,)", std::string_view("\x3e\0", 2)), Values{1.5});
  EXPECT_EQ(values_of("|b1", "(3,)", std::string_view("\0\1\2", 3)), (Values{0, 1, 1}));
  EXPECT_EQ(values_of("|u1", "(3L,)", "abc"), (Values{97, 98, 99}));
  EXPECT_EQ(values_of("|u1", "(1L, 3L)", "abc").size(), 3u);
  refusal(npy_file(header_of("|u1", "(3LL,)"), "abc"));
}

TEST(npy, types_are_refused_by_name) {
  const std::string fields = "{'descr': [('x', '<f4'), ('y', '<i8')], 'fortran_order': False, 'shape': (1,)}";
  EXPECT_TRUE(contains(refusal(npy_file(fields, "a")),
                       "structured .npy array with the fields \"[('x', '<f4'), ('y', '<i8')]\""));
  EXPECT_TRUE(contains(refusal(npy_file(header_of("|O", "(1,)"), "a")), "Python objects"));
  EXPECT_TRUE(contains(refusal(npy_file(header_of("<c16", "(1,)"), "a")), "complex numbers"));
  EXPECT_TRUE(contains(refusal(npy_file(header_of("<U3", "(1,)"), "a")), "texts"));
}

// Written by numpy.savez(a=[1, 2], b=[[7]]) with stored members, and by hand.
TEST(npy, arrays_of_an_archive_are_named) {
  const TestFolder folder;
  const auto a = encode_npy(Shape{2}, Values{1, 2}), b = encode_npy(Shape{1, 1}, Values{7});
  const auto two = stored_zip({{"a.npy", a}, {"readme", bytes_of("hello")}, {"b.npy", b}});
  write_file_atomically(folder / "two.npz", two);
  write_file_atomically(folder / "one.npz", stored_zip({{"b.npy", b}}));
  write_file_atomically(folder / "none.npz", stored_zip({{"readme", bytes_of("hello")}}));
  write_file_atomically(folder / "a.npy.gz", stored_gzip(a));
  EXPECT_EQ(read_npy(folder / "one.npz").values, Values{7});
  EXPECT_EQ(read_npy(folder / "two.npz:b").shape, (Shape{1, 1}));
  EXPECT_EQ(read_npy(folder / "two.npz:a.npy").values, (Values{1, 2}));
  EXPECT_EQ(read_npy(folder / "a.npy.gz").values, (Values{1, 2}));
  EXPECT_TRUE(contains(error_of<InputError>([&] { read_npy(folder / "two.npz"); }), "holds the arrays \"a\", \"b\""));
  EXPECT_TRUE(contains(error_of<InputError>([&] { read_npy(folder / "two.npz:c"); }), "no array \"c\""));
  EXPECT_TRUE(contains(error_of<InputError>([&] { read_npy(folder / "a.npy.gz:c"); }), "is none"));
  EXPECT_TRUE(contains(error_of([&] { read_npy(folder / "none.npz"); }), "holds no .npy array"));
  EXPECT_TRUE(contains(error_of([&] { read_npy(folder / "nowhere.npz:c"); }), "nowhere.npz:c"));
}

TEST(npy, writing_refuses_a_shape_that_does_not_fit) {
  const Values values{1, 2, 3};
  EXPECT_THROW(encode_npy(Shape{2}, values), InputError);
  EXPECT_THROW(encode_npy(Shape{-3}, values), InputError);
  EXPECT_THROW(encode_npy(Shape{-1, -3}, values), InputError);
}

}  // namespace
}  // namespace swell::test

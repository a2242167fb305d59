#include "swell/io/file_kind.h"

#include <gtest/gtest.h>

#include "swell/io/idx.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/io/safetensors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using namespace std::string_literals;

FileKind kind(const std::string& text) { return file_kind(as_bytes_of(text)); }

}  // namespace

TEST(file_kind, what_this_program_writes_is_known) {
  EXPECT_EQ(file_kind(encode_png({1, 1, 1, {7}})), FileKind::png);
  EXPECT_EQ(file_kind(encode_npy(std::vector<int64_t>{1}, std::vector<float>{1})), FileKind::npy);
  EXPECT_EQ(file_kind(encode_safetensors({{{"a", {{1}, {2.0}, Dtype::F32}}}, {}})), FileKind::safetensors);
  EXPECT_EQ(file_kind(stored_gzip(bytes_of("x"))), FileKind::gzip);
}

TEST(file_kind, other_files_are_told_by_their_first_bytes) {
  EXPECT_EQ(kind(""), FileKind::empty);
  EXPECT_EQ(kind("\0\0\x0c\x02"s), FileKind::idx);
  EXPECT_EQ(kind("\0\0\x0a\x02"s), FileKind::binary);
  EXPECT_EQ(kind("PK\3\4abc"), FileKind::zip);
  EXPECT_EQ(kind("\xff\xd8\xff\xe0"), FileKind::jpeg);
  EXPECT_EQ(kind("\xff\xfe"
                 "1\0,\0"s),
            FileKind::utf16);
  EXPECT_EQ(kind("BM\x9a\0\0\0"s), FileKind::bmp);
  EXPECT_EQ(kind("BMW,Audi\n1,2\n"), FileKind::text);
  EXPECT_EQ(kind("\xef\xbb\xbf <!DOCTYPE HTML>"), FileKind::html);
  EXPECT_EQ(kind("{\"a\": 1}"), FileKind::json);
  EXPECT_EQ(kind("[[1, 2]]"), FileKind::text);  // also the start of a TOML table
  EXPECT_EQ(kind("[1, 2]"), FileKind::json);
  EXPECT_EQ(kind("[[group]]\nname = 1\n"), FileKind::text);
  EXPECT_EQ(kind("%%MatrixMarket matrix"), FileKind::matrix_market);
  EXPECT_EQ(kind("M\xc3\xbcller\n"), FileKind::text);
  EXPECT_EQ(kind("a\0b"s), FileKind::binary);
}

TEST(file_kind, messages_name_it) {
  EXPECT_EQ(looks_like(encode_png({1, 1, 1, {7}})), "it starts like a PNG image");
  EXPECT_EQ(looks_like(as_bytes_of("")), "it is empty");
  EXPECT_EQ(looks_like(as_bytes_of("name = 1\nkT = 2\n")), "it is text that begins with \"name = 1\"");
  EXPECT_EQ(looks_like(as_bytes_of("\1\2\3"s)), "it begins with \"\\x01\\x02\\x03\"");
}

TEST(file_kind, byte_order_mark_goes_once) {
  EXPECT_EQ(without_bom("\xef\xbb\xbf"
                        "a"),
            "a");
  EXPECT_EQ(without_bom("a\xef\xbb\xbf"), "a\xef\xbb\xbf");
  EXPECT_EQ(without_bom(""), "");
}

}  // namespace swell::test

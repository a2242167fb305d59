#include "swell/io/matrix_market.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/test_folder.h"

namespace swell {
namespace {

using Values = std::vector<double>;

MarketMatrix parse(std::string_view text) { return parse_matrix_market(as_bytes_of(text), "m.mtx"); }
Values dense(std::string_view text) { return to_dense(parse(text), "m.mtx"); }
std::string complaint(std::string_view text) {
  try {
    parse(text);
  } catch (const IoError& error) {
    return error.what();
  }
  return "none";
}

TEST(matrix_market, every_layout_gives_its_matrix) {
  EXPECT_EQ(dense("%%MatrixMarket matrix coordinate real general\n% words\n\n2 3 2\n1 3 2.5\n2 1 -1e1\n"),
            (Values{0, 0, 2.5, -10, 0, 0}));
  EXPECT_EQ(dense("%%MatrixMarket matrix coordinate integer symmetric\n2 2 2\n1 1 3\n2 1 +4\n"), (Values{3, 4, 4, 0}));
  EXPECT_EQ(dense("%%MatrixMarket matrix coordinate pattern general\r\n2 2 1\r\n2 1\r\n"), (Values{0, 0, 1, 0}));
  EXPECT_EQ(dense("%%matrixmarket MATRIX Array Real General\n2 3\n1\n2\n3\n4\n5\n6"), (Values{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(dense("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n"), (Values{1, 2, 2, 3}));
  EXPECT_EQ(dense("%%MatrixMarket matrix array real skew-symmetric\n2 2\n7\n"), (Values{0, -7, 7, 0}));
  EXPECT_EQ(dense("%%MatrixMarket matrix array real general\n0 0\n"), Values{});
}

TEST(matrix_market, what_files_have_beyond_the_format_is_read) {
  const std::string general = "%%MatrixMarket matrix coordinate real general\n";
  const std::string symmetric = "%%MatrixMarket matrix coordinate real symmetric\n";
  const std::string skew = "%%MatrixMarket matrix coordinate real skew-symmetric\n";
  EXPECT_EQ(dense("\xef\xbb\xbf" + general + "1 2 2\n1 1 3\n1 2 4\n"), (Values{3, 4}));
  std::string macintosh = general + "% words\n\n1 2 2\n1 1 3\n1 2 4\n";
  std::ranges::replace(macintosh, '\n', '\r');
  EXPECT_EQ(dense(macintosh), (Values{3, 4}));
  EXPECT_EQ(dense(general + "1 4 4\n1 1 1.0D+00\n1 2 -2.5d-3\n1 3 0.125D2\n1 4 1.5-101\n"),
            (Values{1, -2.5e-3, 12.5, 1.5e-101}));
  EXPECT_EQ(dense("%%MatrixMarket matrix array real general\n1 1\n1.0D+01\n"), (Values{10}));
  // Finite elements: contributions to one entry are summed, on the diagonal and off it, in any order.
  EXPECT_EQ(dense(symmetric + "2 2 5\n1 1 1\n2 1 -1\n2 2 1\n1 1 4\n2 1 -0.5\n"), (Values{5, -1.5, -1.5, 1}));
  EXPECT_EQ(parse(symmetric + "2 2 5\n1 1 1\n2 1 -1\n2 2 1\n1 1 4\n2 1 -0.5\n").entries.size(), 4u);
  // The upper half instead of the lower one, or both.
  EXPECT_EQ(dense(symmetric + "2 2 2\n1 1 3\n1 2 4\n"), (Values{3, 4, 4, 0}));
  EXPECT_EQ(dense(symmetric + "2 2 3\n1 1 3\n1 2 4\n2 1 4\n"), (Values{3, 4, 4, 0}));
  EXPECT_EQ(dense(symmetric + "2 2 4\n1 2 4\n1 2 1\n2 1 2\n2 1 3\n"), (Values{0, 5, 5, 0}));
  EXPECT_EQ(dense(skew + "2 2 1\n1 2 7\n"), (Values{0, 7, -7, 0}));
  EXPECT_EQ(dense(skew + "2 2 3\n1 2 7\n2 1 -7\n1 1 0\n"), (Values{0, 7, -7, 0}));
  const std::vector<std::byte> zipped = test::stored_gzip(as_bytes_of(general + "1 2 2\n1 1 3\n1 2 4\n"));
  EXPECT_EQ(to_dense(parse_matrix_market(zipped, "m.mtx.gz"), "m.mtx.gz"), (Values{3, 4}));
}

TEST(matrix_market, what_is_written_reads_back_to_the_same_doubles) {
  const Values values = {1.0 / 3, -0.0, 1e-310, 6.02214076e23, 5, -7.25};
  const std::string text = encode_matrix_market(values, 2, 3, "two lines\nof comment");
  EXPECT_EQ(dense(text), values);
  EXPECT_NE(text.find("\n% of comment\n"), std::string::npos);
}

TEST(matrix_market, each_fault_is_told_with_its_line) {
  const std::string general = "%%MatrixMarket matrix coordinate real general\n";
  const std::string symmetric = "%%MatrixMarket matrix coordinate real symmetric\n";
  const auto expect = [](const std::string& text, const std::string& part) {
    EXPECT_NE(complaint(text).find(part), std::string::npos) << complaint(text) << "\nshould have: " << part;
  };
  expect("", "empty");
  expect("1 2 3\n", "line 1: not a Matrix Market matrix");
  expect("%%MatrixMarket matrix coordinate complex general\n1 1 0\n", "field is \"complex\"");
  expect("%%MatrixMarket matrix array pattern general\n1 1\n", "field is \"pattern\"");
  expect("%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", "symmetry is \"hermitian\"");
  expect(general, "line of sizes is missing");
  expect(general + "2 2\n", "line 2: 2 sizes");
  expect(general + "-2 2 1\n1 1 1\n", "number of rows is \"-2\"");
  expect(general + "99999999999999999999 2 1\n", "number of rows is \"99999999999999999999\"");
  expect(general + "1000000 1000000 1000000000000\n1 1 1\n", "1000000000000 entries are promised");
  expect("%%MatrixMarket matrix array real general\n1000000 1000000\n1\n", "entries are promised");
  expect(general + "2 2 2\n1 1 1.000000\n", "line 3: cut short: 1 of 2");
  expect(general + "2 2 1\n3 1 1\n", "line 3: entry (3, 1) lies outside");
  expect(general + "2 2 1\n0 1 1\n", "entry (0, 1) lies outside");
  expect(general + "2 2 1\n1 1\n   \n", "an entry has 2 words");
  expect(general + "2 2 1\n1 1 nan\n", "the value is \"nan\"; a finite number is needed");
  expect(general + "2 2 1\n1 1 1e999\n", "\"1e999\"");
  expect(general + "2 2 1\n1 1 1x\n", "the value is \"1x\"; a finite number is needed");
  expect(general + "2 2 1\n1 1 1\n1 2 1\n", "line 4: \"1\" follows the last entry");
  expect(symmetric + "2 3 1\n1 1 1\n", "square, not 2 x 3");
  expect(symmetric + "2 2 2\n2 1 1\n1 2 1.5\n", "called symmetric, and its entries (2, 1) and (1, 2) are 1 and 1.5");
  expect(general + "2 2 1\n1 1 1.0D\n", "\"1.0e\"");
  expect(general + "2 2 1\n1 1 1.0D+00D\n", "finite number");
  expect(general + "2 2 1\n1 1 3-4-5\n", "finite number");
  expect("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n", "on the diagonal");
}

TEST(matrix_market, a_huge_sparse_matrix_is_read_but_not_made_dense) {
  const MarketMatrix matrix = parse("%%MatrixMarket matrix coordinate real general\n1000000000 1000000000 1\n7 9 1\n");
  EXPECT_EQ(matrix.rows, 1000000000);
  EXPECT_THROW(to_dense(matrix, "m.mtx"), InputError);
  EXPECT_THROW(encode_matrix_market(Values{1}, 1, 2, ""), InputError);
}

}  // namespace
}  // namespace swell

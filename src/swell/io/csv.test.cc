#include "swell/io/csv.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using Values = std::vector<double>;
using Names = std::vector<std::string>;

CsvTable table_of(std::string_view text) { return parse_csv(as_bytes_of(text), "t.csv"); }

std::string refusal(std::string_view text) {
  return error_of<InputError>([&] { table_of(text); });
}

}  // namespace

TEST(csv, rows_of_numbers_are_read) {
  const CsvTable table = table_of("0.5,-1\n+2, 3e1\n");
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.columns, 2);
  EXPECT_TRUE(table.names.empty());
  EXPECT_EQ(table.values, (Values{0.5, -1, 2, 30}));
}

// A byte order mark made the first row unreadable, and an unreadable first row was taken for names.
TEST(csv, first_row_is_never_lost) {
  EXPECT_EQ(table_of("\xef\xbb\xbf"
                     "1,2\n3,4\n")
                .values,
            (Values{1, 2, 3, 4}));
  EXPECT_TRUE(contains(refusal("0.1,x\n1,2\n"), "t.csv:1: column 2 of \"0.1,x\" is \"x\"; a finite number is needed"));
  EXPECT_TRUE(contains(refusal("1.5.2,3..4\n1,2\n"), "t.csv:1: column 1"));
  EXPECT_TRUE(contains(refusal(",1\n1,2\n"), "t.csv:1: column 1 of \",1\" is empty"));
  EXPECT_TRUE(contains(refusal("x,\n1,2\n"), "t.csv:1: column 1"));
  EXPECT_TRUE(contains(refusal("nan,inf\n1,2\n"), "t.csv:1: column 1"));
  EXPECT_TRUE(contains(refusal("1e999,2\n"), "t.csv:1: column 1"));
}

TEST(csv, names_of_columns_are_kept) {
  EXPECT_EQ(table_of("\xef\xbb\xbfz,target\n1,2\n").names, (Names{"z", "target"}));
  EXPECT_EQ(table_of("label,1x1,1x2\n7,0,255\n").names, (Names{"label", "1x1", "1x2"}));
  EXPECT_EQ(table_of("\"a, b\",\"c\"\n\"1\",\"2\"\n").names, (Names{"a, b", "c"}));
  EXPECT_EQ(table_of("\"a, b\",\"c\"\n\"1\",\"2\"\n").values, (Values{1, 2}));
  EXPECT_TRUE(table_of("# x, y\n1,2\n").names.empty());
  EXPECT_TRUE(contains(refusal("a,b\nc,d\n"), "t.csv:2: column 1"));
  EXPECT_TRUE(contains(refusal("a,b\n1,2,3\n"), "t.csv:2: \"1,2,3\" is a row of 3 cells, but line 1 has 2"));
}

TEST(csv, separators_and_line_ends_of_all_kinds_are_known) {
  for (const std::string_view text :
       {"1;2\r\n3;4\r\n", "1\t2\r3\t4", "\n1 2\n\n3  4 \n", "1,2\n \n3,4", "#\n1, 2\n3 ,4\n"})
    EXPECT_EQ(table_of(text).values, (Values{1, 2, 3, 4})) << text;
  EXPECT_EQ(table_of("7\n8\n").columns, 1);
  EXPECT_TRUE(contains(refusal("\t\"1\"\n"), "is empty"));
}

TEST(csv, what_is_no_table_is_told_with_line_and_column) {
  EXPECT_TRUE(contains(refusal("1,2\n3,x\n"), "t.csv:2: column 2 of \"3,x\" is \"x\""));
  EXPECT_TRUE(contains(refusal("1,2\n3\n"), "t.csv:2"));
  EXPECT_TRUE(contains(refusal("1,2,\n"), "column 3 of \"1,2,\" is empty"));
  EXPECT_TRUE(contains(refusal("0,1;0,2\n"), "column 1 of \"0,1;0,2\" is \"0,1\""));
  EXPECT_TRUE(contains(refusal("1,\"2\n"), "column 2 begins with a quote"));
  EXPECT_TRUE(contains(refusal("\"1\"x,2\n"), "column 1 has text after its closing quote"));
  EXPECT_TRUE(contains(error_of([] {
                         table_of(
                             "\xff\xfe"
                             "1");
                       }),
                       "UTF-16"));
  EXPECT_TRUE(contains(error_of([] { table_of("\x89PNG\r\n\x1a\n"); }), "it starts like a PNG image"));
  EXPECT_EQ(table_of("").rows, 0);
}

TEST(csv, gzip_tables_are_read_and_names_are_known) {
  const TestFolder folder;
  write_file_atomically(folder / "t.csv.gz", stored_gzip(bytes_of("1,2\n")));
  EXPECT_EQ(read_csv(folder / "t.csv.gz").values, (Values{1, 2}));
  for (const char* name : {"a.csv", "a.CSV.gz", "b.tsv", "c.txt"}) EXPECT_TRUE(has_table_name(name)) << name;
  for (const char* name : {"a.csvx", "csv", "a.toml", "a.idx.gz"}) EXPECT_FALSE(has_table_name(name)) << name;
}

}  // namespace swell::test

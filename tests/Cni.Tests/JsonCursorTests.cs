using System.Text;

namespace Cni.Tests;

public sealed class JsonCursorTests
{
    [Fact]
    [Trait("Conformance", "C19")]
    public void Numbers_reach_to_the_ends_of_their_types()
    {
        JsonCursor cursor = Cursor($"[{int.MinValue}, {uint.MaxValue}, {long.MinValue}, {ulong.MaxValue}]");
        cursor.EnterArray();
        _ = cursor.NextElement();
        Assert.Equal(int.MinValue, cursor.Int32());
        _ = cursor.NextElement();
        Assert.Equal(uint.MaxValue, cursor.UInt32());
        _ = cursor.NextElement();
        Assert.Equal(long.MinValue, cursor.Int64());
        _ = cursor.NextElement();
        Assert.Equal(ulong.MaxValue, cursor.UInt64());
        Assert.False(cursor.NextElement());
        cursor.Finish();
    }

    [Fact]
    [Trait("Conformance", "C16")]
    public void What_nobody_asks_for_is_passed()
    {
        JsonCursor cursor = Cursor("""{"a": {"x": [{}, [1]]}, "b": {"mtu": 1, "c": {"mtu": 2}, "d": [3]}, "e": null, "mtu": 4}""");
        List<string> keys = [];
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            keys.Add(cursor.Key);
            if (cursor.Is("b"u8))
            {
                cursor.EnterObject();
                while (cursor.NextMember())
                    keys.Add("b." + cursor.Key);
            }
        }
        cursor.Finish();
        Assert.Equal(["a", "b", "b.mtu", "b.c", "b.d", "mtu"], keys);
    }

    [Fact]
    public void Raw_text_of_any_value_is_kept_as_it_stands()
    {
        JsonCursor cursor = Cursor("""{"a": { "x" : [ 1.50 ] } , "b": "\u0061", "c": -1e5, "d": []}""");
        List<string> texts = [];
        cursor.EnterObject();
        while (cursor.NextMember())
            texts.Add(Encoding.UTF8.GetString(cursor.Raw()));
        Assert.Equal(["""{ "x" : [ 1.50 ] }""", "\"\\u0061\"", "-1e5", "[]"], texts);
    }

    [Fact]
    public void List_may_be_asked_for_before_it_is_entered()
    {
        JsonCursor cursor = Cursor("""{"flat": [{"subnet": 1}], "nested": [[{"subnet": 2}]]}""");
        cursor.EnterObject();
        _ = cursor.NextMember();
        cursor.EnterArray();
        _ = cursor.NextElement();
        Assert.False(cursor.IsArray);
        Assert.False(cursor.NextElement());
        _ = cursor.NextMember();
        cursor.EnterArray();
        _ = cursor.NextElement();
        Assert.True(cursor.IsArray);
    }

    [Fact]
    public void Fault_names_the_path_through_objects_and_lists()
    {
        JsonCursor cursor = Cursor("""{"x": {"c": 1}, "a": [[0], [{"b": 1}, {"b": [0, {"c": "zz"}]}]]}""");
        cursor.EnterObject();
        _ = cursor.NextMember();
        _ = cursor.NextMember();
        cursor.EnterArray();
        _ = cursor.NextElement();
        _ = cursor.NextElement();
        cursor.EnterArray();
        _ = cursor.NextElement();
        _ = cursor.NextElement();
        cursor.EnterObject();
        _ = cursor.NextMember();
        cursor.EnterArray();
        _ = cursor.NextElement();
        _ = cursor.NextElement();
        cursor.EnterObject();
        _ = cursor.NextMember();
        Assert.Equal(
            "document: a[1][1].b[1].c is \"zz\", expected a number from 0 to 4094", cursor.Invalid("a number from 0 to 4094").Message);
    }

    [Fact]
    public void Long_value_is_cut_in_the_message()
    {
        CniException error = Assert.Throws<CniException>(() => Cursor($"\"{new string('x', 5000)}\"").Int32());
        Assert.Equal($"document: the document is \"{new string('x', 60)}…\", expected a whole number of 32 bits", error.Message);
    }

    [Theory]
    [InlineData("{\"a\": 33 x", 1, 10)]
    [InlineData("{\"a\":\n\"b\" x", 2, 5)]
    [InlineData("{\"a\": \"b\u0001\"}", 1, 9)]
    [InlineData("{\"a\": [1, 2}", 1, 12)]
    [InlineData("{\"a\": 1, \"b\":\n\n tru }", 3, 5)]
    [InlineData("{\"a\": 1} x", 1, 10)]
    [InlineData("{\"a\": ", 1, 7)]
    public void Document_that_is_broken_behind_a_value_of_the_wrong_type_is_no_json(string json, int line, int column)
    {
        CniException error = Assert.Throws<CniException>(() =>
        {
            JsonCursor cursor = Cursor(json);
            cursor.EnterObject();
            while (cursor.NextMember())
                _ = cursor.Boolean();
            cursor.Finish();
        });
        Assert.Equal(CniErrorCode.DecodingFailure, error.Code);
        Assert.StartsWith($"document is not valid JSON at line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_member_of_a_broken_document_is_no_json()
    {
        JsonCursor cursor = Cursor("{\"a\": {}, x");
        cursor.EnterObject();
        _ = cursor.NextMember();
        cursor.EnterObject();
        _ = cursor.NextMember();
        Assert.Equal(CniErrorCode.DecodingFailure, cursor.Lacks("b").Code);
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\\udc00\\ud800")]
    [InlineData("\u00ff")] // Latin-1: a byte that is no UTF-8
    public void String_that_is_no_unicode_is_refused_with_its_key(string text)
    {
        byte[] json = Encoding.Latin1.GetBytes("""{"a": {"b": "TEXT"}}""".Replace("TEXT", text, StringComparison.Ordinal));
        CniException error = Assert.Throws<CniException>(() =>
        {
            JsonCursor cursor = new(json, "document");
            cursor.EnterObject();
            _ = cursor.NextMember();
            cursor.EnterObject();
            _ = cursor.NextMember();
            _ = cursor.String();
        });
        Assert.Equal(CniErrorCode.DecodingFailure, error.Code);
        Assert.StartsWith("document: a.b is \"", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("expected a string of valid Unicode", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_that_is_no_unicode_is_refused()
    {
        CniException error = Assert.Throws<CniException>(() =>
        {
            JsonCursor cursor = Cursor("""{"a": {"\ud800": 1}}""");
            cursor.EnterObject();
            _ = cursor.NextMember();
            cursor.EnterObject();
            _ = cursor.NextMember();
        });
        Assert.Equal(CniErrorCode.DecodingFailure, error.Code);
        Assert.Equal("""document: a.\ud800 is a key, expected a string of valid Unicode""", error.Message);
    }

    [Fact]
    public void Nul_is_refused_in_what_the_kernel_reads_and_kept_in_what_people_do()
    {
        CniException error = Assert.Throws<CniException>(() => Cursor("""["a\u0000b"]""").Strings());
        Assert.Equal(CniErrorCode.InvalidNetworkConfig, error.Code);
        Assert.Equal("""document: [0] is "a\u0000b", expected a string without NUL (\u0000)""", error.Message);
        Assert.Equal("a\0b", Cursor(@"""a\u0000b""").AnyString());
    }

    [Fact]
    public void Cut_value_ends_at_a_whole_character()
    {
        CniException error = Assert.Throws<CniException>(() => Cursor($"\"{new string('x', 59)}\U0001F600y\"").Int32());
        Assert.Equal($"document: the document is \"{new string('x', 59)}…\", expected a whole number of 32 bits", error.Message);
    }

    private static JsonCursor Cursor(string json) => new(Encoding.UTF8.GetBytes(json), "document");
}

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

    private static JsonCursor Cursor(string json) => new(Encoding.UTF8.GetBytes(json), "document");
}

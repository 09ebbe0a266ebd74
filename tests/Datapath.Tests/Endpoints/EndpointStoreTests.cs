using Cni;
using Datapath.Attachments;
using Datapath.Endpoints;
using Linux;
using TestKit;

namespace Datapath.Tests.Endpoints;

public sealed class EndpointStoreTests : IDisposable
{
    private static readonly string s_tag = NodeKernelTest.Tag.Text;

    private readonly TemporaryFolder _folder = new();
    private readonly EndpointStore _store;

    public EndpointStoreTests() => _store = new EndpointStore(Folder);

    public void Dispose() => _folder.Dispose();

    private string Folder => _folder["agent/endpoints"];

    private static EndpointRecord Record(string name = "web", string containerId = "c1", string network = "pods") =>
        new() { Network = network, ContainerId = containerId, IfName = "eth0", Name = name };

    private void Keep(EndpointRecord record, bool fails = false)
    {
        bool Add(CniInvocation call) => UndoStack.Run(call, undo =>
        {
            _store.Keep(record, undo);
            return fails ? throw new InvalidOperationException("a later step") : true;
        });
        if (fails)
            Assert.Throws<InvalidOperationException>(() => TestCall.Add("", Add));
        else
            Assert.True(TestCall.Add("", Add));
    }

    private string[] Files() => [.. Directory.EnumerateFiles(Folder).Select(static path => Path.GetFileName(path))];

    [Fact]
    public void Record_is_found_under_its_tag_and_deleted()
    {
        Assert.Null(_store.Find(s_tag));
        Assert.Empty(_store.Tags());
        Keep(Record());
        Assert.Equal("web", _store.Find(s_tag)!.Name);
        Assert.Equal([s_tag], _store.Tags());
        Assert.Equal([$"{s_tag}.json"], Files());

        _store.Delete(s_tag);
        Assert.Empty(Files());
        _store.Delete(s_tag);
    }

    [Fact]
    public void Nobody_but_root_sees_a_record()
    {
        Umask.Run(0, () => Keep(Record()));
        Assert.Equal(("600", "700"), (Umask.ModeOf(_store.PathOf(s_tag)), Umask.ModeOf(Folder)));
    }

    [Fact]
    public void Failing_ADD_puts_back_what_was_there()
    {
        Keep(Record(), fails: true);
        Assert.Empty(Files());

        Keep(Record("first"));
        Keep(Record("second"));
        Assert.Equal("second", _store.Find(s_tag)!.Name);
        Keep(Record("third"), fails: true);
        Assert.Equal("second", _store.Find(s_tag)!.Name);
    }

    [Fact]
    public void Record_is_renamed_into_its_place()
    {
        Keep(Record("first"));
        using FileStream open = File.OpenRead(_store.PathOf(s_tag));
        Keep(Record("second"));
        // A writer in place would have changed what a reader has open.
        using StreamReader reader = new(open);
        Assert.Contains("first", reader.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_files_are_no_records()
    {
        Keep(Record());
        foreach (string name in (string[])["notes.json", $"{s_tag}.new", $"{s_tag} x.json", s_tag])
            File.WriteAllText(Path.Combine(Folder, name), "");
        Assert.Equal([s_tag], _store.Tags());
        _store.Delete(s_tag);
        Assert.DoesNotContain($"{s_tag}.new", Files());
    }

    [Fact]
    public void File_of_another_attachment_is_refused_with_both_names()
    {
        Keep(Record(containerId: "c2"));
        File.Move(_store.PathOf(new AttachmentTag("pods", "c2", "eth0").Text), _store.PathOf(s_tag));
        TestCall.AssertFails(CniErrorCode.DecodingFailure, [_store.PathOf(s_tag), "container c2"], () => _store.Find(s_tag));
    }

    [Fact]
    public void Link_is_not_followed()
    {
        Keep(Record());
        string elsewhere = _folder["elsewhere"];
        File.Move(_store.PathOf(s_tag), elsewhere);
        _ = File.CreateSymbolicLink(_store.PathOf(s_tag), elsewhere);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => _store.Find(s_tag)).Errno);
    }

    [Fact]
    public void GC_deletes_the_records_of_its_network_that_nobody_uses()
    {
        foreach (string container in (string[])["c1", "c2", "c3"])
            Keep(Record(containerId: container));
        Keep(Record(containerId: "c2", network: "others"));
        string killed = Path.ChangeExtension(_store.PathOf(new AttachmentTag("pods", "c4", "eth0").Text), ".new");
        File.WriteAllText(killed, "{");

        Collect(_store);
        Assert.Equal(
            ((string[])[new AttachmentTag("others", "c2", "eth0").Text, s_tag]).Order(StringComparer.Ordinal),
            _store.Tags().Order(StringComparer.Ordinal));
        Assert.False(File.Exists(killed));
        Collect(new EndpointStore(_folder["absent"]));
    }

    private static void Collect(EndpointStore store) => TestCall.Run(
        TestCall.HostFor("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]"),
        call =>
        {
            store.DeleteAllBut(new GcScope(call));
            return true;
        });
}

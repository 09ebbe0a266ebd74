using System.Text.Json;
using Linux;
using Linux.Namespaces;
using TestKit;

namespace Cni.Tests;

public sealed class ErrorTableTests
{
    public static TheoryData<Exception, int> Exceptions => new()
    {
        { new CniException(CniErrorCode.AddressesExhausted, "full"), 102 },
        { new LinuxException(Errno.EPERM, "open /x"), 101 },
        { new LinuxException(Errno.EBUSY, "mount /x"), 11 },
        { new NotANamespaceException("/x"), 8 },
        { new TimeoutException("lock /x"), 11 },
        { new IOException("disk"), 5 },
        { new UnauthorizedAccessException("disk"), 5 },
        { new InvalidOperationException("bug"), 100 },
        { new AggregateException(new TimeoutException("first"), new IOException("second")), 11 },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    [Trait("Conformance", "C76")]
    [Trait("Conformance", "C78")]
    public void Every_exception_has_an_answer(Exception exception, int expected)
    {
        (int code, string message, _) = Answer.Error(FakeHost.For("DEL"), new FakePlugin { OnOther = _ => throw exception });
        Assert.Equal(expected, code);
        foreach (Exception cause in exception is AggregateException several ? several.InnerExceptions : [exception])
            Assert.Contains(cause.Message, message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C78")]
    public void Internal_error_carries_its_stack_for_the_report()
    {
        (_, _, string details) = Answer.Error(
            FakeHost.For("DEL"), new FakePlugin { OnOther = _ => throw new InvalidOperationException("bug") });
        Assert.Contains(nameof(Internal_error_carries_its_stack_for_the_report), details, StringComparison.Ordinal);
    }

    [Fact]
    public void Translation_knows_exceptions_of_other_layers_also_inside_aggregates()
    {
        static CniException? Translate(Exception e) =>
            e is KeyNotFoundException ? new CniException(CniErrorCode.AlreadyExists, "translated") : null;
        foreach (Exception thrown in new Exception[] { new KeyNotFoundException(), new AggregateException(new KeyNotFoundException()) })
        {
            (int code, string message, _) = Answer.Error(FakeHost.For("DEL"), new FakePlugin { OnOther = _ => throw thrown }, Translate);
            Assert.Equal((103, "translated"), (code, message));
        }
    }

    [Fact]
    [Trait("Conformance", "C76")]
    public void Error_is_one_object_with_version_code_msg_and_details()
    {
        FakeHost host = FakeHost.For("DEL", """{"cniVersion": "0.3.1", "name": "n"}""");
        _ = CniProgram.Run(
            host, new FakePlugin { OnOther = _ => throw new CniException(CniErrorCode.TryAgainLater, "busy \"é\"", "who: <x>") });
        using JsonDocument document = JsonDocument.Parse(host.Output);
        Assert.Equal(["cniVersion", "code", "msg", "details"], document.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("0.3.1", document.RootElement.GetProperty("cniVersion").GetString());
        Assert.Equal(11, document.RootElement.GetProperty("code").GetInt32());
        Assert.Equal("busy \"é\"", document.RootElement.GetProperty("msg").GetString());
        Assert.Equal("who: <x>", document.RootElement.GetProperty("details").GetString());
    }

    [Fact]
    public void Error_that_nobody_reads_goes_to_stderr()
    {
        FakeHost host = FakeHost.For("DEL");
        host.OutputIsBroken = true;
        Assert.Equal(1, CniProgram.Run(host, new FakePlugin { OnOther = _ => throw new TimeoutException("lock /x") }));
        Assert.Contains("lock /x", Assert.Single(host.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Want_of_memory_is_no_fault_of_ours()
    {
        (int code, string message, string details) = Answer.Error(
            FakeHost.For("DEL"), new FakePlugin { OnOther = _ => throw new InsufficientMemoryException() });
        Assert.Equal((11, ""), (code, details));
        Assert.Contains("memory", message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C76")]
    public void No_code_of_ours_is_reserved()
    {
        foreach (CniErrorCode code in Enum.GetValues<CniErrorCode>())
            Assert.True(CniErrorCodes.IsAssigned((ulong)code), code.ToString());
    }
}
